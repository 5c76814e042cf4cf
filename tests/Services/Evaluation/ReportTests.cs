using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Mlops.Contracts.Evaluations;
using Mlops.Diffusion.Images;
using Mlops.Evaluation.Report;
using TorchSharp;

namespace Mlops.Tests.Services.Evaluation;

public sealed class ReportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-report-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Report_survives_the_round_trip_through_json_with_an_infinite_number()
    {
        var report = Some();

        report.Save(_folder);
        var read = EvaluationReport.Load(_folder);

        Assert.Equal(report.Measurements, read.Measurements);
        Assert.Equal(report.Verdict.Checks, read.Verdict.Checks);
        Assert.Equal(double.PositiveInfinity, read["psnr"].Pruned);
        Assert.Equal(0.6, read["macs"].Ratio!.Value, 5e-13);
        Assert.Equal(report.Schedule.Parts[1].Skip, read.Schedule.Parts[1].Skip);
    }

    [Fact]
    public void Page_is_self_contained_and_escapes_what_it_shows()
    {
        var path = Path.Combine(_folder, "report.html");

        HtmlReport.Write(Some() with { Method = "<script>alert(1)</script>" }, new([1, 2, 3], null, [4]), path);

        var page = File.ReadAllText(path);
        Assert.Contains("&lt;script&gt;alert(1)", page, StringComparison.Ordinal);
        Assert.DoesNotContain("http:", page, StringComparison.Ordinal);
        Assert.DoesNotContain("https:", page, StringComparison.Ordinal);
        Assert.DoesNotContain("url(", page, StringComparison.Ordinal);
        Assert.Contains("data:image/png;base64,AQID", page, StringComparison.Ordinal);
        Assert.Contains("Not passed", page, StringComparison.Ordinal);
        // The page lets no script run but the one that it ends with.
        var script = Assert.Single(page.Split("<script>")[1..]).Split("</script>")[0];
        var digest = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script)));
        Assert.Contains($"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'",
            page, StringComparison.Ordinal);
    }

    [Fact]
    public void Pairs_lie_one_over_the_other_on_one_sheet_and_a_slider_parts_them()
    {
        var path = Path.Combine(_folder, "report.html");
        using var dense = torch.full([3, 1, 4, 6], -1f);
        using var pruned = torch.full([3, 1, 4, 6], 1f);

        var slider = PairSlider.Of(dense, pruned);
        HtmlReport.Write(Some(), new([], slider, []), path);

        var sheet = ImageFile.Decode(slider.Sheet, "sheet");
        Assert.Equal((18, 8), (sheet.Width, sheet.Height));
        Assert.All(Enumerable.Range(0, 18), x => Assert.Equal((0, 255), (sheet[x, 3, 0], sheet[x, 4, 0])));
        var page = File.ReadAllText(path);
        Assert.Contains("<input type='range'", page, StringComparison.Ordinal);
        Assert.Contains("class='dense' viewBox='12 0 6 4'", page, StringComparison.Ordinal);
        Assert.Contains("class='pruned' viewBox='12 4 6 4'", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Heat_map_has_one_cell_per_layer_and_part_and_a_strip_of_sub_networks()
    {
        var map = XElement.Parse(Drawing.HeatMap(Some().Schedule));

        var rows = map.Elements("svg").Select(row => row.Elements("rect").Select(
            cell => ((string?)cell.Attribute("class"), (int)cell.Attribute("x")!, (int)cell.Attribute("width")!)));
        Assert.Equal(
            [
                [("f0", 0, 200), ("f1", 200, 800)], [("run", 0, 200), ("run", 200, 800)],
                [("run", 0, 200), ("skip", 200, 800)],
            ],
            rows);
        Assert.Contains("sub-network 2 of 2, t 200 to 999: 1 of 2 layers", map.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Step_strip_tells_calls_of_the_network_from_what_is_carried_on()
    {
        var strip = XElement.Parse(Drawing.Steps(["run", "forecast 0.5", "run 2"]));

        Assert.Equal(["run", "skip", "run"], strip.Elements().Select(step => (string)step.Attribute("class")!));
        Assert.Equal(["run", "forecast 0.5", "run 2"], strip.Elements().Select(step => step.Value));
    }

    [Fact]
    public void The_map_of_a_schedule_says_how_much_of_a_layer_is_left()
    {
        var map = Drawing.HeatMap(new(
            20, ["a"], [
                new(0, 5, [], new Dictionary<string, double> { ["a"] = 1 }),
                new(5, 15, [], new Dictionary<string, double> { ["a"] = 0.375 })],
            new Dictionary<string, int>()));

        Assert.Contains("sub-network 2 of 2", map, StringComparison.Ordinal);
        Assert.Contains("a, t 5 to 19: run with 38% of its MACs", map, StringComparison.Ordinal);
        Assert.Contains("fill-opacity='0.38'", map, StringComparison.Ordinal);
    }

    [Fact]
    public void Chart_leaves_out_what_is_not_finite()
    {
        var svg = Drawing.LineChart(new("t", "step", "loss", [new("a", [0, 1, 2], [1, double.NaN, 3])]));

        Assert.DoesNotContain("NaN", svg, StringComparison.Ordinal);
        Assert.Contains("<polyline", svg, StringComparison.Ordinal);
    }

    [Fact]
    public void File_that_is_no_evaluation_is_refused()
    {
        Assert.Throws<FileNotFoundException>(() => EvaluationReport.Load(_folder));
        File.WriteAllText(Path.Combine(_folder, EvaluationReport.FileName), "{\"format\": \"other/1\"}");
        Assert.Throws<InvalidDataException>(() => EvaluationReport.Load(_folder));
    }

    private static EvaluationReport Some() => new(
        EvaluationReport.CurrentFormat, 7, "diff-es",
        new([new("macs", true, "0.6 of the MACs are left, at most 0.65 were wanted"), new("ssim", false, "SSIM 0.4")]),
        [
            new("size", "macs", "MAC", "macs/1", Better.Lower, 1000, 600),
            new("pairs", "psnr", "dB", "paired/1 ddim20 n64 seed7", Better.Higher, null, double.PositiveInfinity),
            new("pairs", "ssim", "", "paired/1 ddim20 n64 seed7", Better.Higher, null, 0.4, 0.35, 0.45),
        ],
        new(1000, ["a", "b"], [new(0, 200, []), new(200, 800, ["b"])], new Dictionary<string, int> { ["c"] = 12 }),
        [new("Fitness", "generation", "fitness", [new("best", [0, 1, 2], [-3, -2, -1])])],
        new Dictionary<string, string> { ["model"] = new('a', 64) });
}
