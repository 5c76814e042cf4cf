namespace Mlops.Tests.EndToEnd.Support;

/// <summary>Recipes of a single job.</summary>
public static class Recipes
{
    /// <summary>One scoring of nothing but data, for workers whose work a test decides.</summary>
    public const string OneScoring = """
        name: one-scoring
        description: One job.
        seed: 0
        macs: 0.5
        jobs:
          - id: scores
            job: score-importance
            uses: { data: data }
        """;

    /// <summary>The training of a tiny model that takes so many steps and saves itself often.</summary>
    public static string Training(int steps, int seed = 0) => $$"""
        name: training
        description: One training.
        seed: {{seed}}
        macs: 0.5
        jobs:
          - id: model
            job: co-finetune
            uses: { data: data }
            with:
              mode: dense
              steps: {{steps}}
              batch-size: 4
              widths: [8, 8]
              layers-per-block: 1
              checkpoint-every: 20
        """;
}
