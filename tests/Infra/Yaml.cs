using System.Collections;
using Mlops.Tests.Support;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.Serialization;

namespace Mlops.Tests.Infra;

/// <summary>The files of a deployment as lists, dictionaries and texts, with anchors and merges resolved.</summary>
internal static class Yaml
{
    /// <summary>Every document of a file of the repository.</summary>
    public static List<object> Documents(params string[] path)
    {
        var parser = new MergingParser(new Parser(new StringReader(File.ReadAllText(Repository.Path(path)))));
        var deserializer = new DeserializerBuilder().Build();
        var documents = new List<object>();
        parser.Consume<StreamStart>();
        while (parser.Accept<DocumentStart>(out _))
            documents.Add(deserializer.Deserialize<object>(parser)!);
        return documents;
    }

    /// <summary>What lies under keys and list positions; null where one of them is missing.</summary>
    public static object? At(this object? node, params object[] path) =>
        path.Aggregate(node, (at, step) => (at, step) switch
        {
            (IDictionary map, string key) => map[key],
            (IList list, int index) when index < list.Count => list[index],
            _ => null,
        });

    /// <summary>A text under a path.</summary>
    public static string? Text(this object? node, params object[] path) => node.At(path) as string;

    /// <summary>A list under a path; empty where there is none.</summary>
    public static IReadOnlyList<object> List(this object? node, params object[] path) =>
        node.At(path) is IEnumerable<object> list ? [.. list] : [];

    /// <summary>Names and values of a mapping; empty where there is none.</summary>
    public static IReadOnlyList<(string Name, object? Value)> Entries(this object? node, params object[] path) =>
        node.At(path) is IDictionary<object, object> map
            ? [.. map.Select(entry => ((string)entry.Key, (object?)entry.Value))]
            : [];

    /// <summary>Every value, at any depth, that a mapping has under this key.</summary>
    public static IEnumerable<object?> Everywhere(this object? node, string key) => node switch
    {
        IDictionary<object, object> map => map
            .Where(entry => Equals(entry.Key, key))
            .Select(entry => (object?)entry.Value)
            .Concat(map.Values.SelectMany(value => value.Everywhere(key))),
        IList<object> list => list.SelectMany(item => item.Everywhere(key)),
        _ => [],
    };
}
