using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Mlops.Contracts;
using Mlops.Orchestrator.Store;
using Mlops.Orchestrator.Api;
using Mlops.Platform.Bus;
using Mlops.Platform.Hosting;
using Mlops.Tests.Support;
using YamlDotNet.Serialization;

namespace Mlops.Tests.Infra;

/// <summary>
/// The manifests scale on queues and leases and have no way to stop a running job. `infra/k8s/validate.sh` holds them
/// against the published schemas; here it is about what they mean.
/// </summary>
public sealed class KubernetesTests
{
    private static readonly string[] Folder = ["infra", "k8s", "base"];

    private static readonly IReadOnlyList<object> Objects =
    [
        .. Base().List("resources").Cast<string>().Where(name => name.EndsWith(".yaml", StringComparison.Ordinal))
            .SelectMany(name => Yaml.Documents([.. Folder, name])),
        Worker(),
    ];

    private static object Base() => Yaml.Documents([.. Folder, "kustomization.yaml"]).Single();

    private static object Worker() => Yaml.Documents([.. Folder, "worker", "scaled-job.yaml"]).Single();

    private static IEnumerable<object> Of(string kind) => Objects.Where(item => item.Text("kind") == kind);

    private static Dictionary<string, object?> PatchOf(string worker)
    {
        var patch = Yaml.Documents([.. Folder, worker, "kustomization.yaml"]).Single().Text("patches", 0, "patch")!;
        return new DeserializerBuilder().Build().Deserialize<List<object>>(patch)
            .ToDictionary(operation => operation.Text("path")!, operation => operation.At("value"));
    }

    [Fact]
    public void All_five_workers_and_the_orchestrator_are_there()
    {
        var resources = Base().List("resources").Cast<string>();

        Assert.Empty(Deployed.Workers.Select(worker => worker.Name).Append("orchestrator.yaml").Except(resources));
    }

    [Fact]
    public void Each_worker_scales_on_its_own_queue_and_its_own_leases()
    {
        Assert.All(Deployed.Workers, worker =>
        {
            var (queue, patch) = (Endpoints.QueueOf(worker.Command), PatchOf(worker.Name));

            Assert.Equal(worker.Name, patch["/metadata/name"]);
            Assert.Equal(queue, patch["/spec/triggers/0/metadata/queueName"]);
            Assert.Equal($"{queue}.wanted", patch["/spec/triggers/1/metadata/valueLocation"]);
        });
        var (images, wanted) = (PatchOf("evaluation")["/spec/triggers/2"], PatchOf("evaluation")["/spec/triggers/3"]);
        Assert.Equal("generate-images", images.Text("metadata", "queueName"));
        Assert.Equal("generate-images.wanted", wanted.Text("metadata", "valueLocation"));
        Assert.Equal(
            JobKinds.All.Select(row => Endpoints.QueueOf(row.Kind)).Order(StringComparer.Ordinal),
            Deployed.Workers.Select(worker => Endpoints.QueueOf(worker.Command)).Append("generate-images")
                .Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_queue_is_counted_with_what_is_in_hand_and_compared_with_all_unfinished_jobs()
    {
        var (queue, demand) = (Worker().At("spec", "triggers", 0), Worker().At("spec", "triggers", 1));

        Assert.Equal("rabbitmq", queue.Text("type"));
        Assert.Equal("http", queue.Text("metadata", "protocol"));
        Assert.Equal("false", queue.Text("metadata", "excludeUnacknowledged"));
        Assert.Equal("1", queue.Text("metadata", "value"));
        Assert.Equal("metrics-api", demand.Text("type"));
        Assert.EndsWith("/demand", demand.Text("metadata", "url"));
        Assert.Equal("1", demand.Text("metadata", "targetValue"));
        Assert.Equal("default", Worker().Text("spec", "scalingStrategy", "strategy"));
        Assert.Equal("max", Worker().Text("spec", "scalingStrategy", "multipleScalersCalculation"));
    }

    [Fact]
    public void The_orchestrator_answers_with_what_the_trigger_looks_for()
    {
        var answer = JsonSerializer.SerializeToElement(
            new Dictionary<string, JobDemand> { ["evaluate"] = new(Waiting: 1, Running: 2) }, ApiJson.Options);
        var location = ((string)PatchOf("evaluation")["/spec/triggers/1/metadata/valueLocation"]!).Split('.');

        Assert.Equal(3, answer.GetProperty(location[0]).GetProperty(location[1]).GetInt32());
        Assert.Equal(
            JobQueues.All.Except([Deployed.Candidates]).Order(StringComparer.Ordinal),
            Enum.GetNames<JobKind>().Select(JsonNamingPolicy.KebabCaseLower.ConvertName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Nothing_ends_a_running_job()
    {
        var (spec, pod) = (Worker().At("spec"), Worker().At("spec", "jobTargetRef", "template"));

        Assert.Empty(Objects.SelectMany(item => item.Everywhere("activeDeadlineSeconds")));
        Assert.Equal("gradual", spec.Text("rollout", "strategy"));
        Assert.Equal("false", pod.Text("metadata", "annotations", "cluster-autoscaler.kubernetes.io/safe-to-evict"));
        Assert.Equal("Never", pod.Text("spec", "restartPolicy"));
        Assert.Equal("Never", Of("PriorityClass").Single().Text("preemptionPolicy"));
        Assert.Equal(Of("PriorityClass").Single().Text("metadata", "name"), pod.Text("spec", "priorityClassName"));
        Assert.Empty(pod.Everywhere("sizeLimit"));
    }

    [Fact]
    public void Only_small_work_is_done_by_pods_that_are_scaled_down()
    {
        var scaled = Assert.Single(Of("ScaledObject"));
        var queues = scaled.List("spec", "triggers").Select(trigger => trigger.Text("metadata", "queueName"));

        Assert.Equal([Deployed.Candidates], queues);
        Assert.Equal("candidate-worker", scaled.Text("spec", "scaleTargetRef", "name"));
        Assert.Empty(Of("HorizontalPodAutoscaler"));
    }

    [Fact]
    public void No_eviction_takes_the_pod_of_a_job()
    {
        var budget = Assert.Single(Of("PodDisruptionBudget"));
        var role = budget.Text("spec", "selector", "matchLabels", "mlops/role");

        Assert.Equal(
            role, Worker().Text("spec", "jobTargetRef", "template", "metadata", "labels", "mlops/role"));
        Assert.True(
            int.Parse(budget.Text("spec", "minAvailable")!, CultureInfo.InvariantCulture)
            > Deployed.Workers.Count * int.Parse(
                Worker().Text("spec", "maxReplicaCount")!, CultureInfo.InvariantCulture));
        Assert.Null(budget.At("spec", "maxUnavailable"));
    }

    [Fact]
    public void A_worker_that_is_asked_to_stop_gets_longer_than_it_waits_for_its_checkpoint()
    {
        using var home = new TemporaryFolder();
        using var app = ServiceHost.Build(
            new PlatformOptions { DataFolder = home.Path, LogToConsole = false }, "http://127.0.0.1:0", []);
        var shutdown = app.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout;

        Assert.All(
            Objects.SelectMany(item => item.Everywhere("terminationGracePeriodSeconds")),
            grace => Assert.True(int.Parse((string)grace!, CultureInfo.InvariantCulture) > shutdown.TotalSeconds));
    }

    [Fact]
    public void Every_worker_computes_on_as_many_threads_as_it_has_cores_and_all_on_the_same_number()
    {
        var threads = Of("ConfigMap").Single().Text("data", "OMP_NUM_THREADS");
        var cores = Of("Deployment").Append(Worker()).SelectMany(item => item.Everywhere("limits"))
            .Select(limits => limits.Text("cpu")).ToList();

        Assert.Equal([threads, threads], cores);
    }

    [Fact]
    public void There_is_exactly_one_orchestrator_and_its_volume_goes_to_one_pod_only()
    {
        var orchestrator = Assert.Single(Of("StatefulSet"));

        Assert.Equal("1", orchestrator.Text("spec", "replicas"));
        Assert.Equal(
            ["ReadWriteOncePod"], orchestrator.List("spec", "volumeClaimTemplates", 0, "spec", "accessModes"));
    }

    [Fact]
    public void Every_image_is_pinned()
    {
        var images = Deployed.Workers
            .Select(worker => (string?)PatchOf(worker.Name)["/spec/jobTargetRef/template/spec/containers/0/image"])
            .Concat(Objects.SelectMany(item => item.Everywhere("image")).Cast<string?>()
                .Where(image => image != "replaced:0.0.0"));

        Assert.All(images, image => Assert.True(ImageNames.IsPinned(image!), image));
    }

    [Fact]
    public void Every_container_has_its_probes_and_no_rights()
    {
        var containers = Objects.SelectMany(item => item.Everywhere("containers"))
            .SelectMany(list => list.List()).ToList();

        Assert.Equal(3, containers.Count);
        Assert.All(containers, container =>
        {
            Assert.Equal("/health/ready", container.Text("readinessProbe", "httpGet", "path"));
            Assert.Equal("/health/live", container.Text("livenessProbe", "httpGet", "path"));
            Assert.Equal("true", container.Text("securityContext", "readOnlyRootFilesystem"));
            Assert.Equal("false", container.Text("securityContext", "allowPrivilegeEscalation"));
        });
    }

    [Fact]
    public void Secrets_are_named_and_never_given()
    {
        var template = Yaml.Documents([.. Folder, "secrets.example.yaml"]);
        var given = template.SelectMany(secret => secret.Entries("stringData")).ToList();
        var files = Of("ConfigMap").Single().Entries("data").Select(entry => (string)entry.Value!)
            .Where(value => value.StartsWith("/run/secrets/mlops/", StringComparison.Ordinal))
            .Select(value => Path.GetFileName(value));

        Assert.Empty(Of("Secret"));
        Assert.All(given, entry => Assert.Matches("^<.*>$", (string)entry.Value!));
        Assert.Equal(
            template[0].Entries("stringData").Select(entry => entry.Name).Order(StringComparer.Ordinal),
            files.Order(StringComparer.Ordinal));
        Assert.DoesNotContain("secrets.example.yaml", Base().List("resources"));
    }

    [Fact]
    public void The_graphics_cards_go_to_the_services_that_compute_on_tensors()
    {
        var overlay = Yaml.Documents("infra", "k8s", "gpu", "kustomization.yaml").Single();
        var expected = Deployed.Workers.Select(worker => worker.Name).Where(name => name != "sparse-export").ToList();

        Assert.Equal(expected, overlay.Text("patches", 0, "target", "name")!.Split('|'));
        Assert.Equal(
            expected.Select(name => $"mlops/{name}"),
            overlay.List("images").Select(image => image.Text("name")));
        Assert.Contains("nvidia.com~1gpu", overlay.Text("patches", 0, "patch"), StringComparison.Ordinal);
    }

    [Fact]
    public void Nobody_is_reached_but_the_configured_servers()
    {
        var policies = Of("NetworkPolicy").ToList();
        var configured = Of("ConfigMap").Single().Entries("data")
            .Where(entry => entry.Name is "MLOPS_BROKER" or "MLOPS_STORE" or "MLOPS_SEQ")
            .Select(entry => new Uri((string)entry.Value!))
            .Select(server => $"{server.Host.Split('.')[1]}:{server.Port}");
        var allowed =
            from rule in policies.SelectMany(policy => policy.List("spec", "egress"))
            let space = rule.Text("to", 0, "namespaceSelector", "matchLabels", "kubernetes.io/metadata.name")
            where space != "kube-system"
            select $"{space}:{rule.Text("ports", 0, "port")}";

        Assert.Contains(policies, policy => policy.List("spec", "policyTypes").Count == 2
            && policy.At("spec", "egress") is null && policy.At("spec", "ingress") is null);
        Assert.Equal(configured, allowed);
    }
}
