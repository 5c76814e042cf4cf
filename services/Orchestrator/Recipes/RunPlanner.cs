using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mlops.Contracts;
using Mlops.Contracts.Commands;
using Mlops.Contracts.Recipes;
using Mlops.Orchestrator.Runs;
using Mlops.Platform.Jobs;

namespace Mlops.Orchestrator.Recipes;

/// <summary>Makes the jobs of a run out of a recipe, what the run was given, and its overrides.</summary>
/// <param name="checks">
/// Read the options of each service that is known here, so that bad ones are refused at the start.
/// </param>
public sealed class RunPlanner(RecipeBook book, IEnumerable<JobOptionsCheck> checks)
{
    private const string Model = "model", Data = "data", Features = "features";
    private const string MacsPlaceholder = "$macs";

    private static readonly RecipeJob TrainModel = new(
        Model, JobKind.CoFinetune, new Dictionary<string, string> { [Data] = Data },
        new Dictionary<string, JsonElement> { ["mode"] = JsonSerializer.SerializeToElement("dense") });

    private static readonly RecipeJob GenerateImages = new(
        Data, JobKind.GenerateImages, new Dictionary<string, string> { [Model] = Model },
        new Dictionary<string, JsonElement>());

    /// <summary>The run before its first job is sent. Without a model it trains one first; with a model and no data the
    /// model's own samples are the data.</summary>
    /// <exception cref="ArgumentException">An unknown recipe, override or option.</exception>
    /// <exception cref="InvalidDataException">A recipe that cannot be read, or an input is missing.</exception>
    public RunState Plan(StartRun message, long now)
    {
        var recipe = book.Find(message.Recipe);
        var jobs = recipe.Jobs.Select(job => WithFeatures(job, message.Inputs)).ToList();
        if (Lacks(Model))
            jobs.Insert(0, TrainModel);
        else if (Lacks(Data))
            jobs.Insert(0, GenerateImages);
        var overrides = new Overrides(recipe, jobs, message.Settings);
        CheckUses(recipe, jobs, message.Inputs);
        return new RunState(
            message.RunId, recipe.Name, overrides.Seed, overrides.Macs,
            message.Inputs.ToImmutableSortedDictionary(StringComparer.Ordinal),
            [.. jobs.Select(job => Checked(Plan(job, overrides)))], now);

        bool Lacks(string input) => !message.Inputs.ContainsKey(input) && jobs.All(job => job.Id != input)
            && jobs.Any(job => job.Uses.Values.Contains(input));
    }

    // No recipe names them: every evaluation of a run that was given features compares distributions in them.
    private static RecipeJob WithFeatures(RecipeJob job, IReadOnlyDictionary<string, ObjectRef> inputs) =>
        job.Job == JobKind.Evaluate && inputs.ContainsKey(Features) && !job.Uses.ContainsKey(Features)
            ? job with { Uses = new Dictionary<string, string>(job.Uses) { [Features] = Features } }
            : job;

    private static JobState Plan(RecipeJob job, Overrides overrides)
    {
        var settings = new JsonObject();
        foreach (var (name, value) in job.With)
            settings[name] = value.ValueKind == JsonValueKind.String && value.GetString() == MacsPlaceholder
                ? JsonValue.Create(overrides.Macs)
                : JsonNode.Parse(value.GetRawText());
        foreach (var (name, text) in overrides.Of(job.Id))
            settings[name] = RecipeText.ParseValue(text);
        return new JobState(
            job.Id, job.Job, job.Uses.ToImmutableSortedDictionary(StringComparer.Ordinal), settings.ToJsonString());
    }

    private JobState Checked(JobState job)
    {
        foreach (var check in checks.Where(check => check.Kind == job.Kind))
            try
            {
                check.Read(job.Settings);
            }
            catch (ArgumentException exception)
            {
                throw new ArgumentException($"job '{job.JobId}': {exception.Message}", exception);
            }
        return job;
    }

    private static void CheckUses(
        Recipe recipe, List<RecipeJob> jobs, IReadOnlyDictionary<string, ObjectRef> inputs)
    {
        var known = inputs.Keys.ToHashSet(StringComparer.Ordinal);
        if (known.FirstOrDefault(name => name is not (Model or Data)
            && jobs.All(job => !job.Uses.Values.Contains(name))) is { } stranger)
            throw new InvalidDataException(
                $"recipe '{recipe.Name}' uses no input '{stranger}'; leave it out, or give model or data");
        foreach (var job in jobs)
        {
            foreach (var (role, source) in job.Uses)
                if (!known.Contains(source))
                    throw new InvalidDataException(
                        $"recipe '{recipe.Name}', job '{job.Id}' uses '{source}' as {role}, "
                        + "which is neither an input of the run nor an earlier job; there are: "
                        + $"{string.Join(", ", known.Order(StringComparer.Ordinal))}");
            if (!known.Add(job.Id))
                throw new InvalidDataException(
                    $"recipe '{recipe.Name}': the run has an input with the name of job '{job.Id}'; rename the job");
        }
    }

    /// <summary>What the command says on top of the recipe.</summary>
    private sealed class Overrides
    {
        private readonly List<(string Job, string Option, string Text)> _options = [];

        public Overrides(Recipe recipe, List<RecipeJob> jobs, IReadOnlyDictionary<string, string> settings)
        {
            (Seed, Macs) = (recipe.Seed, recipe.Macs);
            foreach (var (name, text) in settings)
                if (name == "seed")
                    Seed = SeedOf(text);
                else if (name == "macs")
                    Macs = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var macs)
                        ? macs
                        : throw new ArgumentException($"macs '{text}' must be a number above 0 and at most 1");
                else if (name.Split('.', 2) is [var job, { Length: > 0 } option] && jobs.Exists(each => each.Id == job))
                    _options.Add((job, option, text));
                else
                    throw new ArgumentException(
                        $"unknown setting '{name}'; give seed, macs, or job.option with one of the jobs "
                        + string.Join(", ", jobs.Select(each => each.Id)));
            RecipeReader.CheckMacs(Macs, $"the run of recipe '{recipe.Name}'");
        }

        private static long SeedOf(string text) =>
            long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seed)
                ? seed
                : throw new ArgumentException($"seed '{text}' must be a whole number");

        public long Seed { get; }

        public double Macs { get; }

        public IEnumerable<(string Option, string Text)> Of(string job) =>
            _options.Where(each => each.Job == job).Select(each => (each.Option, each.Text));
    }
}
