using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Mlops.Platform.Configuration;
using Mlops.Tests.Support;

namespace Mlops.Tests.Infra;

/// <summary>A variable that is set is read somewhere, and one that is read is documented.</summary>
public sealed partial class EnvironmentTests
{
    [Fact]
    public void Every_variable_that_a_deployment_sets_is_read_by_the_code()
    {
        Assert.Empty(Set().Distinct().Except(Read()));
    }

    [Fact]
    public void Every_server_that_the_code_can_talk_to_is_set_in_every_deployment()
    {
        var compose = Yaml.Documents("docker-compose.yml").Single().Entries("services", "orchestrator", "environment");
        var cluster = Yaml.Documents("infra", "k8s", "base", "connections.yaml").Single().Entries("data")
            .Select(variable => variable.Name).Concat(Variables("orchestrator.yaml"));
        // A key of Seq is made in Seq; and nobody is let in without a key.
        var servers = Connected().Except(["MLOPS_SEQ_API_KEY", "MLOPS_API_OPEN"]).ToList();

        Assert.Empty(servers.Except(compose.Select(variable => Plain(variable.Name))));
        Assert.Empty(servers.Except(cluster.Select(Plain)));
    }

    [Fact]
    public void Every_variable_that_is_read_is_in_the_guide()
    {
        var guide = Variable().Matches(File.ReadAllText(Repository.Path("docs", "deployment.md")))
            .Select(match => match.Value);

        Assert.Empty(Read().Except(guide));
    }

    private static IEnumerable<string> Set() =>
        Yaml.Documents("docker-compose.yml").Single().Entries("services")
            .SelectMany(service => service.Value.Entries("environment"))
            .Concat(Yaml.Documents("infra", "k8s", "base", "connections.yaml").Single().Entries("data"))
            .Select(variable => variable.Name)
            .Concat(Variables("orchestrator.yaml")).Concat(Variables("worker", "scaled-job.yaml"))
            .Concat(Variable().Matches(File.ReadAllText(Repository.Path("infra", "docker", "Dockerfile")))
                .Select(match => match.Value))
            .Where(name => name.StartsWith("MLOPS_", StringComparison.Ordinal))
            .Select(Plain);

    private static IEnumerable<string> Variables(params string[] manifest) =>
        Yaml.Documents(["infra", "k8s", "base", .. manifest]).SelectMany(item => item.Everywhere("env"))
            .SelectMany(list => list.List()).Select(variable => variable.Text("name")!);

    private static IEnumerable<string> Read() => Repository.Sources(".cs", "shared", "services")
        .SelectMany(file => Quoted().Matches(File.ReadAllText(file))).Select(match => match.Groups[1].Value)
        .Concat(Connected()).Select(Plain).Distinct();

    // Connections puts some names together from parts, so it is asked what it asks for.
    private static IEnumerable<string> Connected()
    {
        var asked = new AskedSettings();
        Connections.From(new ConfigurationRoot([asked]));
        return asked.Names.Select(Plain).Distinct();
    }

    private static string Plain(string name) =>
        name.EndsWith("_FILE", StringComparison.Ordinal) ? name[..^"_FILE".Length] : name;

    // Has a value for everything and keeps what it was asked for.
    private sealed class AskedSettings : ConfigurationProvider
    {
        public List<string> Names { get; } = [];

        public override bool TryGet(string key, out string? value)
        {
            Names.Add(key);
            value = key switch
            {
                "MLOPS_BROKER" => "amqp://host/",
                "MLOPS_STORE" => "http://host/bucket",
                "MLOPS_SEQ" => "http://host",
                _ => "value",
            };
            return true;
        }
    }

    [GeneratedRegex(@"\bMLOPS_[A-Z_]+\b")]
    private static partial Regex Variable();

    [GeneratedRegex(@"""(MLOPS_[A-Z_]+)""")]
    private static partial Regex Quoted();
}
