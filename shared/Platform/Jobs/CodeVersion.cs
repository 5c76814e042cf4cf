using System.Reflection;
using Mlops.Contracts;

namespace Mlops.Platform.Jobs;

/// <summary>
/// Which code does a piece of work: the module version ids of its assembly and of ours that it uses, which the compiler
/// derives from the sources. What only moves messages and objects does not count: it cannot change a result.
/// </summary>
public static class CodeVersion
{
    private const string Ours = "Mlops.";
    private const int Digits = 16;

    private static readonly string?[] NeverCount =
        [typeof(CodeVersion).Assembly.GetName().Name, typeof(ObjectRef).Assembly.GetName().Name];

    /// <summary>Version by name of assembly.</summary>
    public static IReadOnlyDictionary<string, string> Of(Assembly assembly)
    {
        var versions = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Add(assembly);
        return versions;

        void Add(Assembly part)
        {
            if (!versions.TryAdd(part.GetName().Name!, part.ManifestModule.ModuleVersionId.ToString("N")[..Digits]))
                return;
            foreach (var used in part.GetReferencedAssemblies())
                if (used.Name!.StartsWith(Ours, StringComparison.Ordinal) && !NeverCount.Contains(used.Name))
                    Add(Assembly.Load(used));
        }
    }
}
