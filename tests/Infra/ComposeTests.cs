using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Mlops.Platform.Bus;
using Mlops.Platform.Hosting;
using Mlops.Tests.Support;

namespace Mlops.Tests.Infra;

/// <summary>The deployment on one host keeps its promises; no Docker is needed to see it.</summary>
public sealed partial class ComposeTests
{
    private static readonly object Compose = Yaml.Documents("docker-compose.yml").Single();

    private static readonly IReadOnlyList<(string Name, object? Value)> Services = Compose.Entries("services");

    private static object? Service(string name) => Compose.At("services", name);

    [Fact]
    public void Broker_store_seq_and_all_six_services_are_there()
    {
        var names = Services.Select(service => service.Name);

        Assert.Empty(new[] { "broker", "minio", "seq", "orchestrator" }
            .Concat(Deployed.Workers.Select(worker => worker.Name)).Except(names));
    }

    [Fact]
    public void Every_program_of_ours_is_built_and_nothing_else()
    {
        var built = Services.Select(service => service.Value.Text("build", "args", "SERVICE")).OfType<string>();

        Assert.Equal(Deployed.Programs(), built.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_image_is_pinned()
    {
        Assert.All(Services, service => Assert.True(
            ImageNames.IsPinned(service.Value.Text("image") ?? ""), $"{service.Name}: {service.Value.Text("image")}"));
    }

    [Fact]
    public void No_secret_is_written_down()
    {
        var written =
            from service in Services
            from variable in service.Value.Entries("environment")
            where SecretName().IsMatch(variable.Name) && !Asked().IsMatch((string?)variable.Value ?? "")
            select $"{service.Name}: {variable.Name}";

        Assert.Empty(written);
    }

    [Fact]
    public void The_example_of_the_settings_names_every_secret_and_gives_none()
    {
        var example = File.ReadAllLines(Repository.Path(".env.example"));
        var asked = Asked().Matches(File.ReadAllText(Repository.Path("docker-compose.yml")))
            .Where(match => match.Groups["must"].Success).Select(match => $"{match.Groups["name"].Value}=");

        Assert.Empty(asked.Distinct().Except(example));
        Assert.Contains(".env", File.ReadAllLines(Repository.Path(".gitignore")));
    }

    [Fact]
    public void Whatever_stays_has_a_health_check_and_bounded_logs()
    {
        var staying = Services.Where(service => service.Value.Text("restart") == "unless-stopped").ToList();

        Assert.Equal(Services.Count - 2, staying.Count);
        Assert.All(staying, service => Assert.NotEmpty(service.Value.List("healthcheck", "test")));
        Assert.All(Services, service => Assert.NotNull(service.Value.Text("logging", "options", "max-size")));
    }

    [Fact]
    public void Dependencies_exist_and_wait_for_a_condition_that_can_come_true()
    {
        var dependencies =
            from service in Services
            from dependency in service.Value.Entries("depends_on")
            select (service.Name, On: dependency.Name, Condition: dependency.Value.Text("condition"));

        Assert.All(dependencies, dependency => Assert.Equal(
            Service(dependency.On).Text("restart") == "unless-stopped"
                ? "service_healthy"
                : "service_completed_successfully",
            dependency.Condition));
    }

    [Fact]
    public void Whatever_ends_is_waited_for_or_left_to_the_user()
    {
        var waitedFor = Services.SelectMany(service => service.Value.Entries("depends_on")).Select(on => on.Name);

        // Otherwise `up --wait` reports a container that did its work as one that broke.
        Assert.Equal(
            ["seq-import"],
            Services.Where(service => service.Value.Text("restart") != "unless-stopped").Select(service => service.Name)
                .Except(waitedFor));
        Assert.Equal(["import"], Service("seq-import").List("profiles"));
    }

    [Fact]
    public void Only_loopback_is_published()
    {
        var published = Services.SelectMany(service => service.Value.List("ports")).Cast<string>();

        Assert.All(published, port => Assert.StartsWith("127.0.0.1:", port));
    }

    [Fact]
    public void Workers_reach_the_servers_and_nothing_outside()
    {
        Assert.Equal("true", Compose.Text("networks", "backplane", "internal"));
        Assert.All(
            Services.Where(service => service.Value.At("build") is not null && service.Name != "orchestrator"),
            service => Assert.Equal(["backplane"], service.Value.List("networks")));
    }

    [Fact]
    public void Our_containers_run_without_root_and_on_a_read_only_file_system()
    {
        Assert.All(Services.Where(service => service.Value.At("build") is not null), service =>
        {
            Assert.Equal("10001:10001", service.Value.Text("user"));
            Assert.Equal("true", service.Value.Text("read_only"));
            Assert.Equal(["ALL"], service.Value.List("cap_drop"));
        });
    }

    [Fact]
    public void A_stopped_worker_gets_longer_than_it_waits_for_its_checkpoint()
    {
        using var home = new TemporaryFolder();
        using var app = ServiceHost.Build(
            new PlatformOptions { DataFolder = home.Path, LogToConsole = false }, "http://127.0.0.1:0", []);
        var shutdown = app.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout;

        Assert.All(
            Services.Where(service => service.Value.At("build") is not null),
            service => Assert.True(Duration(service.Value.Text("stop_grace_period")!) > shutdown, service.Name));
    }

    [Fact]
    public void The_broker_lets_a_message_wait_as_long_as_our_queues_ask()
    {
        var configured = ConsumerTimeout().Match(
            File.ReadAllText(Repository.Path("infra", "docker", "rabbitmq", "20-mlops.conf"))).Groups[1].Value;

        Assert.Equal(
            JobQueues.Arguments["x-consumer-timeout"], long.Parse(configured, CultureInfo.InvariantCulture));
        Assert.Contains(
            "./infra/docker/rabbitmq/20-mlops.conf:/etc/rabbitmq/conf.d/20-mlops.conf:ro",
            Service("broker").List("volumes"));
    }

    [Fact]
    public void There_is_one_orchestrator_and_its_history_outlives_the_container()
    {
        Assert.Equal("1", Service("orchestrator").Text("deploy", "replicas"));
        Assert.NotNull(Service("orchestrator").Text("container_name"));
        Assert.Contains("orchestrator-data:/var/lib/mlops", Service("orchestrator").List("volumes"));
    }

    [Fact]
    public void Each_worker_that_computes_on_tensors_has_a_gpu_variant_and_they_exclude_each_other()
    {
        foreach (var name in Deployed.Workers.Select(worker => worker.Name).Where(name => name != "sparse-export"))
        {
            var gpu = Service($"{name}-gpu");
            var device = gpu.At("deploy", "resources", "reservations", "devices", 0);

            Assert.Equal(["cpu"], Service(name).List("profiles"));
            Assert.Equal(["gpu"], gpu.List("profiles"));
            Assert.Equal(["gpu"], device.List("capabilities"));
            Assert.Equal("cuda", gpu.Text("build", "args", "FLAVOR"));
            Assert.Equal(
                Service(name).Text("build", "args", "SERVICE"), gpu.Text("build", "args", "SERVICE"));
        }
    }

    [Fact]
    public void Compose_understands_the_file_wherever_it_is_installed()
    {
        const int Understood = 0, NotInstalled = 3;
        using var script = Process.Start(new ProcessStartInfo(Repository.Path("infra", "docker", "validate.sh"))
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var errors = script.StandardError.ReadToEnd();
        script.WaitForExit();

        Assert.True(script.ExitCode is Understood or NotInstalled, errors);
    }

    private static TimeSpan Duration(string text) => text[^1] switch
    {
        'm' => TimeSpan.FromMinutes(int.Parse(text[..^1], CultureInfo.InvariantCulture)),
        's' => TimeSpan.FromSeconds(int.Parse(text[..^1], CultureInfo.InvariantCulture)),
        _ => throw new FormatException($"'{text}' is neither minutes nor seconds"),
    };

    [GeneratedRegex("PASS|SECRET|KEY|USER", RegexOptions.IgnoreCase)]
    private static partial Regex SecretName();

    // ${NAME:?sentence} must be given, ${NAME:-} may be left out.
    [GeneratedRegex(@"\$\{(?<name>[A-Z_]+):((?<must>\?[^}]+)|-)\}")]
    private static partial Regex Asked();

    [GeneratedRegex(@"^consumer_timeout = (\d+)$", RegexOptions.Multiline)]
    private static partial Regex ConsumerTimeout();
}
