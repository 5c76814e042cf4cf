using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mlops.Pruning.Steps;

/// <summary>A step table as JSON, read strictly: what is not understood is refused.</summary>
public static class StepTableJson
{
    private static readonly string[] Kinds = ["v", "epsilon", "x0"];
    private static readonly string[] Carried = ["residual", "output"];
    private static readonly string[] Aims = ["sampler", "fine"];

    private static readonly JsonSerializerOptions Strict = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        AllowDuplicateProperties = false,
    };

    /// <summary>One line of JSON.</summary>
    public static string ToJson(StepTable table) => JsonSerializer.Serialize(
        new TableJson(
            table.Sampler, table.Steps, table.DenseSteps, table.Guidance, table.UseClippedModelOutput,
            Aims[(int)table.Aim], [.. table.Actions.Select(Write)], table.Timesteps, table.DenseSampler),
        Strict);

    /// <summary>Actions alone.</summary>
    public static string ActionsToJson(IReadOnlyList<StepAction> actions) =>
        JsonSerializer.Serialize(actions.Select(Write), Strict);

    /// <summary>Reads what <see cref="ActionsToJson"/> wrote.</summary>
    public static IReadOnlyList<StepAction> ActionsFromJson(string json, string source) =>
        [.. Parse<ActionJson?[]>(json, source).Select((action, step) => Read(action, step, source))];

    /// <summary>An action for people: <c>run</c>, <c>x0 0.5</c>, <c>v 1, 0.2</c> with β and γ.</summary>
    public static string InWords(StepAction action) => action switch
    {
        StepAction.Run { Variant: 0 } => "run",
        StepAction.Run run => $"run {run.Variant}",
        StepAction.Forecast next => FormattableString.Invariant($"{Kinds[(int)next.Kind]} {next.Beta}")
            + (next.Gamma == 0 ? "" : FormattableString.Invariant($", {next.Gamma}")),
        StepAction.Partial { Beta: 0 } partial => $"reuse of {partial.Layers.Count} layers",
        StepAction.Partial partial => FormattableString.Invariant(
            $"forecast of {partial.Layers.Count} layers {partial.Beta}"),
        _ => throw new ArgumentException($"unknown action {action}", nameof(action)),
    };

    /// <summary>Reads a table; <paramref name="source"/> names it in messages.</summary>
    /// <exception cref="InvalidDataException">One sentence that says what is wrong.</exception>
    public static StepTable FromJson(string json, string source)
    {
        var read = Parse<TableJson>(json, source);
        var aim = Array.IndexOf(Aims, read.Aim);
        if (aim < 0)
            throw Wrong(source, $"has the aim '{read.Aim}', but known are {string.Join(", ", Aims)}");
        if (read.Steps != read.Actions.Length)
            throw Wrong(source, $"has {read.Actions.Length} actions for {read.Steps} steps");
        return new StepTable(
            read.Sampler, read.DenseSteps, read.Guidance, read.UseClippedModelOutput, (StepAim)aim,
            [.. read.Actions.Select((action, step) => Read(action, step, source))])
        {
            Timesteps = read.Timesteps, DenseSampler = read.DenseSampler,
        }.Checked(source);
    }

    private static ActionJson Write(StepAction action) => action switch
    {
        StepAction.Run run => new(Run: run.Variant),
        StepAction.Forecast next => new(
            Forecast: Kinds[(int)next.Kind], Beta: next.Beta, Gamma: next.Gamma == 0 ? null : next.Gamma),
        StepAction.Partial partial => new(
            Carry: Carried[(int)partial.Carry], Layers: [.. partial.Layers], Beta: partial.Beta),
        _ => throw new ArgumentException($"unknown action {action}", nameof(action)),
    };

    private static StepAction Read(ActionJson? action, int step, string source) => action switch
    {
        { Run: { } variant, Forecast: null, Beta: null, Gamma: null, Carry: null, Layers: null } =>
            new StepAction.Run(variant),
        { Run: null, Forecast: { } kind, Beta: { } beta, Gamma: var gamma, Carry: null, Layers: null }
            when Array.IndexOf(Kinds, kind) is >= 0 and var index =>
            new StepAction.Forecast((ForecastKind)index, beta, gamma ?? 0),
        { Run: null, Forecast: null, Beta: { } beta, Gamma: null, Carry: { } carry, Layers: { } layers }
            when Array.IndexOf(Carried, carry) is >= 0 and var index && layers.All(layer => layer is not null) =>
            new StepAction.Partial((LayerCarry)index, layers!, beta),
        _ => throw Wrong(source, $"must say at step {step} either run with a variant, or forecast with one of "
            + $"{string.Join(", ", Kinds)}, beta and gamma, or carry with one of {string.Join(", ", Carried)}, layers "
            + "and beta"),
    };

    private static T Parse<T>(string json, string source)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, Strict) ?? throw Wrong(source, "is null");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException(
                $"the step table of '{source}' cannot be read: {exception.Message}", exception);
        }
    }

    private static InvalidDataException Wrong(string source, string complaint) =>
        new($"the step table of '{source}' {complaint}");

    private sealed record TableJson(
        string Sampler, int Steps, int DenseSteps, double Guidance, bool UseClippedModelOutput, string Aim,
        ActionJson?[] Actions, IReadOnlyList<int>? Timesteps = null, string? DenseSampler = null);

    private sealed record ActionJson(
        int? Run = null, string? Forecast = null, double? Beta = null, double? Gamma = null, string? Carry = null,
        string?[]? Layers = null);
}
