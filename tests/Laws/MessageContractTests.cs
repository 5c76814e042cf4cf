using System.Reflection;
using Mlops.Contracts;
using Mlops.Tests.Support;

namespace Mlops.Tests.Laws;

/// <summary>Other programs speak these messages: a change shows up as a change of the approved text.</summary>
public sealed class MessageContractTests
{
    [Fact]
    public void Messages_are_the_approved_ones()
    {
        var approved = File.ReadAllText(Repository.Path("tests", "Laws", "approved-messages.txt"));

        Assert.Equal(approved.Trim(), string.Join('\n', Messages().Select(Describe).Concat(Parts().Select(Describe))));
    }

    [Fact]
    public void Every_message_names_its_run_first()
    {
        var strays = Messages()
            .Where(type => type.GetConstructors().Single(IsPrimary).GetParameters()[0] is not { Name: "RunId" });

        Assert.Empty(strays.Select(type => type.Name));
    }

    [Fact]
    public void Messages_are_sealed_and_inherit_nothing()
    {
        Assert.All(Messages(), type => Assert.True(type.IsSealed && type.BaseType == typeof(object), type.Name));
    }

    private static IEnumerable<Type> Messages() => typeof(ObjectRef).Assembly.GetExportedTypes()
        .Where(type => type.Namespace is "Mlops.Contracts.Commands" or "Mlops.Contracts.Events")
        .OrderBy(type => type.FullName, StringComparer.Ordinal);

    /// <summary>What messages are made of: a change of these changes the wire as well.</summary>
    private static Type[] Parts() =>
    [
        typeof(JobOrder), typeof(JobResult), typeof(ObjectRef), typeof(Usage), typeof(FailureKind), typeof(JobKind),
        typeof(LeaseDecision),
    ];

    private static string Describe(Type type)
    {
        if (type.IsEnum)
            return $"{type.Name}: {string.Join(", ", Enum.GetNames(type))}";
        var fields = type.GetConstructors().Single(IsPrimary).GetParameters()
            .Select(parameter => $"{Short(parameter.ParameterType)} {parameter.Name}");
        var group = type.Namespace is "Mlops.Contracts" ? "" : type.Namespace!.Split('.')[^1] + ".";
        return $"{group}{type.Name}({string.Join(", ", fields)})";
    }

    private static bool IsPrimary(ConstructorInfo constructor) =>
        constructor.GetParameters() is not [{ } only] || only.ParameterType != constructor.DeclaringType;

    private static string Short(Type type) => type.IsGenericType
        ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Short))}>"
        : type.Name;
}
