using System.Globalization;

namespace Mlops.Tests.Orchestrator.Champions;

/// <summary>Throw-away measurements, as an evaluation writes them.</summary>
internal static class SomeEvaluation
{
    /// <summary>The text of an <c>evaluation.json</c>.</summary>
    public static string Json(
        double macs = 0.65, double ssim = 0.8, double loss = 1.05, double latency = 0.7, bool passed = true,
        string pruned = "p", string model = "m", string data = "d", int seed = 1, int images = 64) =>
        string.Create(CultureInfo.InvariantCulture, $$"""
        {
          "format": "mlops.evaluation/1", "seed": {{seed}}, "method": "alter",
          "verdict": { "passed": {{(passed ? "true" : "false")}}, "checks": [
            { "name": "macs", "passed": true, "sentence": "few enough" },
            { "name": "latency", "passed": true, "sentence": "fast enough" },
            { "name": "ssim", "passed": {{(passed ? "true" : "false")}}, "sentence": "mean SSIM is {{ssim}}" },
            { "name": "loss", "passed": true, "sentence": "low enough" } ] },
          "measurements": [
            {{Number("macs", "macs/1", "Lower", 1000, macs * 1000, 0)}},
            {{Number("latency", $"latency/1 rounds5", "Lower", 2, latency * 2, 0.02)}},
            {{Number("ssim", $"paired/1 ddim20 n{images} seed{seed} bootstrap95", "Higher", null, ssim, 0.02)}},
            {{Number("loss", $"heldout/1 n64 seed{seed} bootstrap95", "Lower", 0.04, loss * 0.04, 0.0008)}},
            { "group": "pairs", "name": "psnr", "unit": "dB", "protocol": "x", "better": "Higher", "dense": null,
              "pruned": "Infinity" }
          ],
          "schedule": { "timesteps": 1000, "layers": [], "parts": [], "keptChannels": {} }, "charts": [],
          "lineage": { "model": "{{model}}", "pruned": "{{pruned}}", "data": "{{data}}" }
        }
        """);

    private static string Number(
        string name, string protocol, string better, double? dense, double pruned, double margin) =>
        string.Create(CultureInfo.InvariantCulture, $$"""
        { "group": "g", "name": "{{name}}", "unit": "", "protocol": "{{protocol}}", "better": "{{better}}",
          "dense": {{dense?.ToString(CultureInfo.InvariantCulture) ?? "null"}}, "pruned": {{pruned}},
          "low": {{(margin > 0 ? (pruned - margin).ToString(CultureInfo.InvariantCulture) : "null")}},
          "high": {{(margin > 0 ? (pruned + margin).ToString(CultureInfo.InvariantCulture) : "null")}} }
        """);
}
