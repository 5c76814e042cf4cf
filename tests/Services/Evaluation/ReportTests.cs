using Mlops.Contracts.Evaluations;
using Mlops.Evaluation.Report;

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

        HtmlReport.Write(Some() with { Method = "<script>alert(1)</script>" }, [1, 2, 3], path);

        var page = File.ReadAllText(path);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.DoesNotContain("http", page, StringComparison.Ordinal);
        Assert.DoesNotContain("url(", page, StringComparison.Ordinal);
        Assert.Contains("data:image/png;base64,AQID", page, StringComparison.Ordinal);
        Assert.Contains("Not passed", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Heat_map_has_one_cell_per_layer_and_part()
    {
        var svg = Drawing.HeatMap(Some().Schedule);

        Assert.Equal(4, svg.Split("<rect").Length - 1);
        Assert.Equal(1, svg.Split("class='skip'").Length - 1);
        System.Xml.Linq.XElement.Parse(svg);
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
