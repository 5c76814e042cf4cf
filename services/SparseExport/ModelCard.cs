using System.Globalization;
using System.Text;
using Mlops.SparseExport.Onnx;

namespace Mlops.SparseExport;

/// <summary>One row of the evaluation table.</summary>
/// <param name="Name">What was measured, with its unit.</param>
/// <param name="Dense">Null where the number compares both models.</param>
/// <param name="Protocol">How it was measured.</param>
public sealed record CardRow(string Name, double? Dense, double Pruned, string Protocol);

/// <summary>The model card that hubs read, <c>README.md</c>, and the note on the license beside it.</summary>
public static class ModelCard
{
    private const string FileName = "README.md", LicenseFile = "LICENSE", Here = "PATH";

    /// <summary>Writes both into an exported folder.</summary>
    /// <param name="evaluation">What an evaluation measured; null where there was none.</param>
    /// <param name="verdict">What the evaluation's gate says of it, a sentence each.</param>
    public static void Write(
        string folder, ExportRecord record, IReadOnlyList<CardRow>? evaluation = null,
        IReadOnlyList<string>? verdict = null)
    {
        var card = new StringBuilder();
        Head(card, record, evaluation ?? []);
        Body(card, record);
        if (evaluation is not null)
            Table(card, evaluation, verdict ?? []);
        card.Append(Invariant($"\n## License\n\n{LicenseNote(record.Base)}\n"));
        File.WriteAllText(Path.Combine(folder, FileName), card.ToString());
        File.WriteAllText(Path.Combine(folder, LicenseFile), LicenseNote(record.Base) + "\n");
    }

    private static void Head(StringBuilder card, ExportRecord record, IReadOnlyList<CardRow> evaluation)
    {
        var (model, name) = (record.Base, Title(record.Base));
        card.Append($"---\nlibrary_name: diffusers\npipeline_tag: {record.Image}\n");
        card.Append($"license: {model.License ?? BaseModel.Unknown}\n");
        if (model.Name is { } parent)
            card.Append($"base_model: {parent}\n{(model.IsTuned ? "base_model_relation: finetune\n" : "")}");
        card.Append("tags:\n- diffusers\n- pruning\n- mlops-pruned\n");
        if (evaluation.Count > 0)
        {
            card.Append($"model-index:\n- name: {name}\n  results:\n  - task:\n      type: {record.Image}\n");
            card.Append("    dataset:\n      type: held-out\n      name: held-out images of the run\n    metrics:\n");
            foreach (var row in evaluation.Where(row => double.IsFinite(row.Pruned)))
                card.Append(Invariant($"    - type: {row.Name.Split(' ')[0]}\n      name: {Quoted(row)}\n"))
                    .Append(Invariant($"      value: {row.Pruned:G6}\n"));
        }

        card.Append($"---\n\n# {name}\n\n");
    }

    private static void Body(StringBuilder card, ExportRecord record)
    {
        card.Append("```python\nfrom diffusers import DiffusionPipeline\n\n");
        card.Append($"{record.Use.Line(Here)}    # this folder, or its name on a hub\n");
        card.Append($"images = pipe({record.Use.Arguments}).images\n```\n\n");
        card.Append(record.Format switch
        {
            "native" => "An ordinary diffusers model that is smaller than the dense one: every tool loads it.\n",
            "padded" => "In the dense model's shapes, with zeros where something was removed: every tool loads it, it "
                + "draws what the pruned model draws, and it is neither smaller nor faster.\n",
            _ => "The plain classes of diffusers refuse this model rather than run it wrongly; "
                + "`mlops_pruned_1.py` beside the weights is the code that is trusted.\n",
        });
        card.Append($"\nMethod: {record.Method}. One call of the network takes ")
            .Append(Invariant($"{record.KeptRatio:0.0%} of the dense model's {record.DenseMacs:N0} "))
            .Append("multiply-accumulates, averaged over the timesteps; ")
            .Append(Invariant($"{record.StoredParameters:N0} of {record.DenseParameters:N0} parameters are stored.\n"));
        if (record.GivenRatio is { } ratio)
            card.Append(Invariant($"\nThe model that it was made from was pruned already, to {record.GivenMacs:N0} "))
                .Append(Invariant($"multiply-accumulates a call: {ratio:0.0%} of those are left. In the run's "))
                .Append("evaluation the column `dense` is that model, run with its own plan.\n");
        if (record.Steps is { } steps)
            card.Append(Invariant($"\nAn image takes {record.Calls} calls of the network; what they leave out is "))
                .Append("carried on from earlier steps: ")
                .Append(Invariant($"{record.TotalKeptRatio:0.0%} of the multiply-accumulates. Made for {steps}; "))
                .Append("other samplers, steps or guidance are refused or wrong.\n");
        if (record.Onnx is { } onnx)
            Onnx(card, onnx, record.Steps is not null);
    }

    private static void Onnx(StringBuilder card, OnnxRecord onnx, bool hasSteps)
    {
        card.Append("\n## ONNX\n\n| file | native timesteps |\n|---|---|\n");
        foreach (var file in onnx.Files)
            card.Append($"| `{file.Path}` | ")
                .AppendJoin(", ", file.Timesteps.Select(stage => $"{stage[0]}–{stage[1]}")).Append(" |\n");
        card.Append($"\n{onnx.Summary()}. In: {onnx.Inputs}; out: out_sample float32.\n");
        if (onnx.Files.Count > 1)
            card.Append("The loop that samples takes the file of its timestep.\n");
        if (hasSteps)
            card.Append("The step table is not in the files: the sampling loop follows the one in `config.json`.\n");
    }

    private static void Table(StringBuilder card, IReadOnlyList<CardRow> evaluation, IReadOnlyList<string> verdict)
    {
        card.Append("\n## Evaluation\n\n| | dense | pruned | protocol |\n|---|---:|---:|---|\n");
        foreach (var row in evaluation)
            card.Append(Invariant($"| {row.Name} | {Short(row.Dense)} | {Short(row.Pruned)} | {row.Protocol} |\n"));
        card.Append('\n').AppendJoin("\n", verdict.Select(sentence => $"- {sentence}")).Append('\n');
    }

    private static string Short(double? value) => value is { } number && Math.Abs(number) >= 1000
        ? Invariant($"{number:N0}")
        : Invariant($"{value:G4}");

    private static string Title(BaseModel model) =>
        model.Name is { } name ? $"{name[(name.IndexOf('/') + 1)..]}, pruned" : "A pruned diffusion model";

    private static string LicenseNote(BaseModel model) =>
        $"The weights derive from {model.Name ?? "a dense model whose name its files do not say"}, "
        + (model.License is { } license
            ? $"whose license, {license}, holds for them too."
            : "whose license holds for them too; its files do not name it, so ask the source of that model.");

    private static string Quoted(CardRow row) => $"\"{row.Name}, {row.Protocol.Replace('"', '\'')}\"";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
