using Mlops.TorchGenerator;

// Rewrites the generated files of shared/Torch from its op table; run it from the repository's root.
var root = args.Length > 0 ? args[0] : "shared/Torch";
foreach (var (path, text) in Emitter.Emit(File.ReadAllText(Path.Combine(root, "Ops/ops.txt"))))
    File.WriteAllText(Path.Combine(root, path), text);
