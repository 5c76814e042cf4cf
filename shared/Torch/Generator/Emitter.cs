namespace Mlops.TorchGenerator;

/// <summary>Everything that is generated from the op table.</summary>
public static class Emitter
{
    private const string Torch = "public static partial class torch";

    /// <summary>Path (below shared/Torch) and text of every generated file.</summary>
    public static IEnumerable<(string Path, string Text)> Emit(string table)
    {
        var ops = OpTable.Parse(table);
        foreach (var file in NativeEmitter.Emit(ops))
            yield return file;

        yield return ("Generated/Native.g.cs", ManagedEmitter.Imports(ops));
        yield return ("Generated/Tensor.g.cs", ManagedEmitter.Members(
            ops.Where(op => op.IsMethod), [Torch, "public partial class Tensor"]));
        yield return ("Generated/torch.g.cs", ManagedEmitter.Members(ops.Where(op => op.Section == "torch"), [Torch]));
        yield return ("Generated/torch.twins.g.cs", ManagedEmitter.Members(
            ops.Where(op => op.Twin is not null), [Torch], twins: true));
        yield return ("Generated/functional.g.cs", ManagedEmitter.Members(
            ops.Where(op => op.Section == "nn.functional"),
            [Torch, "public static partial class nn", "public static partial class functional"]));
        yield return ("Generated/Ops.g.cs", ManagedEmitter.Members(ops.Where(op => op.Section == "Ops"),
            [Torch, "internal static class Ops"]));
        yield return ("Generated/Operators.g.cs", Families.Operators());
        yield return ("Generated/Factories.g.cs", Families.Factories());
    }
}
