// Repair SOURCE TARGET: writes a repaired copy of one file of the TorchSharp package. README.md says what and why.
using Mlops.Repair;

if (args is not [var source, var target])
    throw new ArgumentException("usage: Repair SOURCE TARGET");
Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(target))!);
// Projects are built side by side, and each may come here first.
var unfinished = $"{target}.{Environment.ProcessId}";
if (Path.GetExtension(source) == ".dll")
    KeepAliveRewriter.Rewrite(source, unfinished);
else
    VersionTag.MakeWeak(source, unfinished, "GLIBCXX_3.4.32");
File.Move(unfinished, target, overwrite: true);
