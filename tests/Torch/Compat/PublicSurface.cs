using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Mlops.Tests.Torch.Compat;

/// <summary>Writes an assembly's public and protected members, one a line: type | kind | signature.</summary>
public static class PublicSurface
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance |
        BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void", [typeof(bool)] = "bool", [typeof(byte)] = "byte", [typeof(sbyte)] = "sbyte",
        [typeof(short)] = "short", [typeof(int)] = "int", [typeof(long)] = "long", [typeof(ulong)] = "ulong",
        [typeof(float)] = "float", [typeof(double)] = "double", [typeof(string)] = "string",
        [typeof(object)] = "object",
    };

    /// <summary>All lines, sorted.</summary>
    public static IReadOnlyList<string> Of(Assembly assembly) =>
    [
        .. assembly.GetTypes().Where(IsVisible)
            .SelectMany(type => Members(type).Select(member => $"{Name(type)} | {member}"))
            .Order(StringComparer.Ordinal),
    ];

    private static bool IsVisible(Type type) =>
        type.IsPublic || ((type.IsNestedPublic || type.IsNestedFamily) && IsVisible(type.DeclaringType!));

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
            return Enum.GetNames(type).Select(n => $"enum | {n} = {Convert.ToInt64(Enum.Parse(type, n))}");

        var constructors = type.GetConstructors(Declared).Where(IsSeen)
            .Select(c => $"ctor | {Access(c)}.ctor({Parameters(c)})");
        var fields = type.GetFields(Declared).Where(f => f.IsPublic || f.IsFamily)
            .Select(f => $"field | {(f.IsFamily ? "protected " : "")}{(f.IsStatic ? "static " : "")}" +
                $"{(f.IsInitOnly ? "readonly " : "")}{Name(f.FieldType)} {f.Name}");
        var methods = type.GetMethods(Declared).Where(m => IsSeen(m) && (!m.IsSpecialName || m.Name.StartsWith("op_")))
            .Select(Method);
        return constructors.Concat(fields).Concat(methods).Concat(type.GetProperties(Declared).SelectMany(Property));
    }

    private static IEnumerable<string> Property(PropertyInfo property)
    {
        var (get, set) = (property.GetMethod, property.SetMethod);
        if (get is null || !IsSeen(get))
            yield break;

        var index = property.GetIndexParameters();
        var arguments = index.Length == 0 ? "" : $"[{string.Join(", ", index.Select(Parameter))}]";
        var accessors = set is not null && set.IsPublic ? "{ get; set; }" : "{ get; }";
        yield return $"property | {Modifiers(get)}{Typed(property.PropertyType, property)} " +
            $"{property.Name}{arguments} {accessors}";
    }

    private static string Method(MethodInfo method)
    {
        var kind = method.IsSpecialName ? "operator" : "method";
        var generics = method.IsGenericMethod
            ? $"<{string.Join(",", method.GetGenericArguments().Select(a => a.Name))}>"
            : "";
        return $"{kind} | {Modifiers(method)}{Typed(method.ReturnType, method.ReturnParameter)} " +
            $"{method.Name}{generics}({Parameters(method)})";
    }

    private static bool IsSeen(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Access(MethodBase method) => method.IsPublic ? "" : "protected ";

    private static string Modifiers(MethodInfo method) => Access(method) + (
        method.DeclaringType!.IsInterface ? "" :
        method.IsStatic ? "static " :
        method.IsAbstract ? "abstract " :
        method.IsVirtual && !method.IsFinal ? "virtual " : "");

    private static string Parameters(MethodBase method) =>
        string.Join(", ", method.GetParameters().Select(Parameter));

    private static string Parameter(ParameterInfo parameter)
    {
        var prefix = parameter.IsDefined(typeof(ParamArrayAttribute)) ? "params " : parameter.IsOut ? "out " : "";
        var value = parameter.HasDefaultValue ? $" = {Default(parameter)}" : "";
        return $"{prefix}{Typed(parameter.ParameterType, parameter)} {parameter.Name}{value}";
    }

    private static string Default(ParameterInfo parameter) => parameter.DefaultValue switch
    {
        null => parameter.ParameterType.IsValueType && Nullable.GetUnderlyingType(parameter.ParameterType) is null
            ? "default"
            : "null",
        bool flag => flag ? "true" : "false",
        string text => $"\"{text}\"",
        var value when parameter.ParameterType.IsEnum =>
            $"{Name(parameter.ParameterType)}.{Enum.GetName(parameter.ParameterType, value)}",
        var value => ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture),
    };

    private static string Typed(Type type, ICustomAttributeProvider provider)
    {
        var names = provider.GetCustomAttributes(typeof(TupleElementNamesAttribute), false)
            .Cast<TupleElementNamesAttribute>().SingleOrDefault()?.TransformNames;
        return Name(type, names is null ? null : new Queue<string?>(names));
    }

    private static string Name(Type type, Queue<string?>? names = null)
    {
        if (Keywords.TryGetValue(type, out var keyword))
            return keyword;
        if (type.IsArray)
            return Name(type.GetElementType()!, names) + $"[{new string(',', type.GetArrayRank() - 1)}]";
        if (Nullable.GetUnderlyingType(type) is { } inner)
            return Name(inner, names) + "?";
        if (type.IsGenericParameter)
            return type.Name;
        if (type.IsGenericType && type.GetGenericTypeDefinition().FullName!.StartsWith("System.ValueTuple`"))
            return Tuple(type, names);

        var arguments = type.GetGenericArguments();
        var own = type.DeclaringType?.GetGenericArguments().Length ?? 0;
        var added = arguments.Skip(own).Select(a => Name(a, names)).ToList();
        var generics = added.Count == 0 ? "" : $"<{string.Join(", ", added)}>";
        var simple = type.Name.Split('`')[0] + generics;
        if (type.DeclaringType is { } outer)
            return outer.Name == "torch" && simple is "Tensor" or "Device" or "ScalarType" or "TensorIndex"
                ? simple
                : $"{Name(outer)}.{simple}";
        return type.Namespace is "System.Collections.Generic" ? simple : $"{type.Namespace}.{simple}";
    }

    private static string Tuple(Type type, Queue<string?>? names)
    {
        var arguments = type.GetGenericArguments();
        var own = arguments.Select(_ => names?.Count > 0 ? names.Dequeue() : null).ToList();
        return $"({string.Join(", ", arguments.Zip(own, (a, n) => Name(a, names) + (n is null ? "" : " " + n)))})";
    }
}
