using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>Hangs modules into a tree by path, so that parameters get the names of the weight file.</summary>
internal static class ModuleTree
{
    /// <summary>Registers a module below <paramref name="root"/>, with empty modules for the steps in
    /// between.</summary>
    public static T Attach<T>(this nn.Module root, string path, T module)
        where T : nn.Module
    {
        var steps = path.Split('.');
        foreach (var step in steps[..^1])
            root = Step(root, step);
        root.register_module(steps[^1], module);
        return module;
    }

    private static nn.Module Step(nn.Module root, string name)
    {
        foreach (var (child, module) in root.named_children())
            if (child == name)
                return module;
        var step = new Branch();
        root.register_module(name, step);
        return step;
    }

    private sealed class Branch() : nn.Module(nameof(Branch));
}
