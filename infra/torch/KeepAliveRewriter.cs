using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;

namespace Mlops.Repair;

/// <summary>
/// Makes every method of an assembly keep its arguments alive until it returns. TorchSharp reads an object's native
/// handle and calls native code with it; the garbage collector may then finalize the object, and free the handle, while
/// that code still runs.
/// </summary>
internal static class KeepAliveRewriter
{
    /// <summary>The value of the assembly metadata <c>Repaired</c> in what this rewrote.</summary>
    private const string Mark = "keep-alive/1";

    private static readonly string[] HandleOwners = ["Scalar", "Tensor", "Generator"];

    public static void Rewrite(string source, string target)
    {
        using var resolver = new DefaultAssemblyResolver();
        resolver.AddSearchDirectory(Path.GetDirectoryName(source));
        resolver.AddSearchDirectory(Path.GetDirectoryName(typeof(object).Assembly.Location));
        using var module = ModuleDefinition.ReadModule(source, new ReaderParameters { AssemblyResolver = resolver });
        var runtime = module.AssemblyReferences.First(reference => reference.Name == "System.Runtime");
        var keepAlive = KeepAlive(module, runtime);
        foreach (var method in module.GetTypes().SelectMany(type => type.Methods))
            if (method.HasBody && method.Name != "Finalize")
                Rewrite(method, keepAlive);
        module.Assembly.CustomAttributes.Add(Metadata(module, runtime, "Repaired", Mark));
        module.Write(target, new WriterParameters { DeterministicMvid = true });
    }

    private static void Rewrite(MethodDefinition method, MethodReference keepAlive)
    {
        method.Body.SimplifyMacros();
        var temporaries = StoreTemporaries(method);
        KeepUntilReturn(method, keepAlive, [.. ReferenceArguments(method)], temporaries);
        method.Body.OptimizeMacros();
    }

    private static IEnumerable<ParameterDefinition> ReferenceArguments(MethodDefinition method)
    {
        if (method.HasThis && !method.DeclaringType.IsValueType && !method.IsConstructor)
            yield return method.Body.ThisParameter;
        foreach (var parameter in method.Parameters)
            if (parameter.ParameterType is { IsByReference: false, IsPointer: false, IsValueType: false,
                IsPrimitive: false, IsGenericParameter: false } type && type.FullName != "System.String")
                yield return parameter;
    }

    // `x.Handle` of an object that lives on the evaluation stack only: dup it into a local of its own first.
    private static List<VariableDefinition> StoreTemporaries(MethodDefinition method)
    {
        var (body, il, locals) = (method.Body, method.Body.GetILProcessor(), new List<VariableDefinition>());
        foreach (var read in body.Instructions.Where(ReadsHandleOfTemporary).ToList())
        {
            var local = new VariableDefinition(method.Module.TypeSystem.Object);
            body.Variables.Add(local);
            body.InitLocals = true;
            locals.Add(local);
            var call = il.Create(read.OpCode, (MethodReference)read.Operand);
            (read.OpCode, read.Operand) = (OpCodes.Dup, null!);     // branches that lead to the call pass here
            var store = il.Create(OpCodes.Stloc, local);
            il.InsertAfter(read, store);
            il.InsertAfter(store, call);
        }
        return locals;
    }

    private static bool ReadsHandleOfTemporary(Instruction instruction) =>
        instruction.Operand is MethodReference { Name: "get_Handle" } getter
        && HandleOwners.Contains(getter.DeclaringType.Name)
        && instruction.Previous?.OpCode.Code is not Code.Ldarg;

    private static void KeepUntilReturn(
        MethodDefinition method, MethodReference keepAlive, List<ParameterDefinition> arguments,
        List<VariableDefinition> locals)
    {
        var (body, il) = (method.Body, method.Body.GetILProcessor());
        if (arguments.Count + locals.Count == 0
            || !body.Instructions.Any(instruction => instruction.OpCode.Code is Code.Call or Code.Callvirt))
            return;
        foreach (var end in body.Instructions.Where(instruction => instruction.OpCode == OpCodes.Ret).ToList())
        {
            Instruction[] loads =
            [
                .. arguments.Select(argument => il.Create(OpCodes.Ldarg, argument)),
                .. locals.Select(local => il.Create(OpCodes.Ldloc, local)),
            ];
            (end.OpCode, end.Operand) = (loads[0].OpCode, loads[0].Operand);    // branches to the return pass here, too
            var last = end;
            foreach (var next in loads.Skip(1)
                .SelectMany<Instruction, Instruction>(load => [il.Create(OpCodes.Call, keepAlive), load])
                .Append(il.Create(OpCodes.Call, keepAlive))
                .Append(il.Create(OpCodes.Ret)))
            {
                il.InsertAfter(last, next);
                last = next;
            }
        }
    }

    private static MethodReference KeepAlive(ModuleDefinition module, AssemblyNameReference runtime) =>
        new("KeepAlive", module.TypeSystem.Void, new TypeReference("System", "GC", module, runtime))
        {
            Parameters = { new ParameterDefinition(module.TypeSystem.Object) },
        };

    private static CustomAttribute Metadata(
        ModuleDefinition module, AssemblyNameReference runtime, string key, string value)
    {
        var text = module.TypeSystem.String;
        var type = new TypeReference("System.Reflection", "AssemblyMetadataAttribute", module, runtime);
        var constructor = new MethodReference(".ctor", module.TypeSystem.Void, type)
        {
            HasThis = true,
            Parameters = { new ParameterDefinition(text), new ParameterDefinition(text) },
        };
        return new CustomAttribute(constructor)
        {
            ConstructorArguments =
            {
                new CustomAttributeArgument(text, key), new CustomAttributeArgument(text, value),
            },
        };
    }
}
