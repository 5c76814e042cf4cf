using System.Text.Json.Nodes;
using Mlops.Diffusion.Devices;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Weights;
using Mlops.Tests.Diffusion.Models;
using Mlops.Tests.Support;
using Mlops.Verify;
using static TorchSharp.torch;

namespace Mlops.Tests.Diffusion.Fixtures;

/// <summary>Fixtures made here, whole and broken: no case may end the walk.</summary>
public sealed class BrokenFixtureTests
{
    [Fact]
    public void A_case_made_of_our_own_output_passes()
    {
        using var folder = new TemporaryFolder();
        WriteCase(folder.File("models/own"));

        var result = Assert.Single(new FixtureVerifier(Placement.Cpu).Verify(folder.Path));

        Assert.Equal(("models/own", CaseOutcome.Passed), (result.Name, result.Outcome));
        Assert.InRange(result.MaxError, 0, result.Tolerance);
    }

    [Fact]
    public void A_folder_that_is_itself_a_case_is_run_under_its_own_name()
    {
        using var folder = new TemporaryFolder();
        WriteCase(folder.File("own"));

        var result = Assert.Single(new FixtureVerifier(Placement.Cpu).Verify(folder.File("own")));

        Assert.Equal(("own", CaseOutcome.Passed), (result.Name, result.Outcome));
    }

    [Fact]
    public void Broken_cases_fail_with_a_sentence_and_the_walk_goes_on()
    {
        using var folder = new TemporaryFolder();
        foreach (var name in (string[])["1-config", "2-weights", "3-json", "4-io", "5-nocase", "6-output", "7-good"])
            WriteCase(folder.File(name));
        File.Delete(folder.File("1-config/config.json"));
        File.WriteAllBytes(folder.File("2-weights/diffusion_pytorch_model.safetensors"), [1, 2, 3]);
        File.WriteAllText(folder.File("3-json/case.json"), "{");
        File.Delete(folder.File("4-io/io.safetensors"));
        File.Delete(folder.File("5-nocase/case.json"));
        ShiftOutput(folder.File("6-output/io.safetensors"));

        var results = new FixtureVerifier(Placement.Cpu).Verify(folder.Path).ToList();

        Assert.Equal(
            ["1-config", "2-weights", "3-json", "4-io", "5-nocase", "6-output", "7-good"],
            results.Select(result => result.Name));
        Assert.All(results[..6], result => Assert.Equal(CaseOutcome.Failed, result.Outcome));
        Assert.Equal(CaseOutcome.Passed, results[6].Outcome);
        Assert.Contains("config.json is missing", results[0].Detail);
        Assert.Contains("cannot hold a safetensors header", results[1].Detail);
        Assert.Contains("not valid JSON", results[2].Detail);
        Assert.Contains("io.safetensors does not exist", results[3].Detail);
        Assert.Contains("case.json is missing", results[4].Detail);
        Assert.InRange(results[5].MaxError, 0.99, 1.01);
        Assert.Contains("call a, sample", results[5].Detail);
    }

    [Fact]
    public void Families_that_are_not_built_are_skipped_by_name()
    {
        using var folder = new TemporaryFolder();
        Write(folder.File("flux/case.json"), """{"calls":[]}""");
        Write(folder.File("flux/config.json"), """{"_class_name":"FluxTransformer2DModel"}""");
        Write(folder.File("lms/case.json"), """{"class":"LMSDiscreteScheduler","steps":3}""");
        Write(folder.File("new/case.json"), """{"something":"of tomorrow"}""");
        Write(folder.File("pixart/case.json"), """{"calls":[]}""");
        Write(folder.File("pixart/config.json"),
            """{"_class_name":"Transformer2DModel","norm_type":"ada_norm_single"}""");

        var results = new FixtureVerifier(Placement.Cpu).Verify(folder.Path).ToList();

        Assert.All(results, result => Assert.Equal(CaseOutcome.Skipped, result.Outcome));
        Assert.Equal(
            [
                "FluxTransformer2DModel is not built", "LMSDiscreteScheduler is not built",
                "no check for this kind of case", "Transformer2DModel with ada_norm_single is not built",
            ],
            results.Select(result => result.Detail));
    }

    [Fact]
    public void A_folder_without_fixtures_is_refused()
    {
        using var folder = new TemporaryFolder();

        Assert.Throws<InvalidDataException>(() => new FixtureVerifier(Placement.Cpu).Verify(folder.Path));
        Assert.Throws<DirectoryNotFoundException>(() => new FixtureVerifier(Placement.Cpu).Verify(folder.File("none")));
    }

    private static void WriteCase(string folder)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = SomeModels.Awake(SomeModels.UNet);
        ModelFolder.Save(folder, model);
        Tensor sample = ones([1, 3, 8, 8]), time = tensor(new long[] { 5 });
        SafetensorsWriter.Write(Path.Combine(folder, "io.safetensors"),
            [new("a.in.sample", sample), new("a.in.timestep", time), new("a.out.sample", model.Predict(sample, time))]);
        Write(Path.Combine(folder, "case.json"), new JsonObject
        {
            ["calls"] = new JsonArray(new JsonObject
            {
                ["id"] = "a",
                ["inputs"] = new JsonObject { ["sample"] = new JsonObject { ["shape"] = new JsonArray(1, 3, 8, 8) } },
                ["outputs"] = new JsonObject { ["sample"] = new JsonObject { ["suggested_atol"] = 1e-5 } },
            }),
        }.ToJsonString());
    }

    private static void ShiftOutput(string path)
    {
        using var scope = NewDisposeScope();
        Dictionary<string, Tensor> tensors;
        using (var stored = StoredTensors.Open(path))
            tensors = stored.Names.ToDictionary(name => name, stored.Read);
        tensors["a.out.sample"] += 1;
        SafetensorsWriter.Write(path, tensors);
    }

    private static void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
