using System.Diagnostics;
using Mlops.Cli.Hosting;
using Mlops.Diffusion.Images;
using Mlops.Diffusion.Models;
using Mlops.Tests.Diffusion.Metrics;
using Mlops.Tests.Pruning;
using Mlops.Tests.Support;

namespace Mlops.Tests.Cli;

/// <summary>Every <c>sh</c> block of the documents is run by a shell as it stands, with runs made short.</summary>
public sealed class DocumentedCommandsTests : IDisposable
{
    // What stands between ``` and ``` but is run elsewhere: `make` and `dotnet run` by the tests on real servers.
    private static readonly string[] Elsewhere = ["make ", "dotnet run ", "BROKER_MANAGEMENT"];

    private readonly TemporaryFolder _folder = new();

    public DocumentedCommandsTests()
    {
        using (var model = SomeNetwork.UNet32())
            ModelFolder.Save(_folder.File("ddpm-cifar10-32"), model, SomeNetwork.Scheduler);
        using (var model = SomeNetwork.DiT())
            ModelFolder.Save(_folder.File("DiT-XL-2-256"), model, SomeNetwork.Scheduler);
        SomeFeatures.Clip(_folder.File("clip-vit"));
        Directory.CreateDirectory(_folder.File("pictures"));
        Directory.CreateDirectory(_folder.File("cifar-10-batches-bin"));
        File.WriteAllBytes(_folder.File("cifar-10-batches-bin/data_batch_1.bin"), CifarRecords(count: 12));
        foreach (var index in Enumerable.Range(0, 12))
            ImageFile.WritePng(new RasterImage(32, 32, 3, CifarRecords(1)[1..]), _folder.File($"pictures/{index}.png"));
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("README.md")]
    [InlineData("docs/api.md")]
    [InlineData("docs/exports.md")]
    [InlineData("docs/recipes.md")]
    [InlineData("docs/schedules.md")]
    public async Task The_commands_of_a_document_do_what_it_says(string document)
    {
        var blocks = Documents.ShellBlocks(document).Where(IsRunHere);
        File.WriteAllText(_folder.File("commands"), string.Concat(blocks));
        File.WriteAllLines(_folder.File("short"), ShortRuns.All.Select(recipe => $"{recipe.Key} {recipe.Value}"));

        var start = new ProcessStartInfo("bash", [Repository.Path("tests/Cli/documents.sh"), "commands"])
        {
            WorkingDirectory = _folder.Path, RedirectStandardOutput = true, RedirectStandardError = true,
            Environment =
            {
                ["MLOPS"] = Path.Combine(AppContext.BaseDirectory, "mlops.dll"), ["SHORT"] = "short",
                ["FASHION"] = Fashion.Data ?? "",
            },
        };
        using var shell = Process.Start(start)!;
        var errors = shell.StandardError.ReadToEndAsync();
        var output = await shell.StandardOutput.ReadToEndAsync();
        await shell.WaitForExitAsync();

        Assert.True(shell.ExitCode == 0, $"{document}: {output}{await errors}");
    }

    private static bool IsRunHere(string block) => !Elsewhere.Any(block.Contains);

    // One byte of a class, then the planes of a picture in red, green and blue.
    private static byte[] CifarRecords(int count)
    {
        var records = new byte[count * 3073];
        new Random(1).NextBytes(records);
        foreach (var record in Enumerable.Range(0, count))
            records[record * 3073] = (byte)(record % 10);
        return records;
    }
}
