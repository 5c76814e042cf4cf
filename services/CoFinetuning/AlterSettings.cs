using Mlops.Pruning.Alter;

namespace Mlops.CoFinetuning;

/// <summary>Whose settings ALTER takes where the options leave it open.</summary>
public enum AlterProfile
{
    /// <summary>For windows of a hundred steps: every change from the paper is an option, and off in its profile.
    /// </summary>
    Small,

    /// <summary>As published (arXiv 2505.21817, section 4 and appendix); wants its windows of thousands of steps.
    /// </summary>
    Paper,
}

/// <summary>How masks are made at the end of ALTER's window.</summary>
public enum FreezeRule
{
    /// <summary>Those of the last noisy draw, as published; what they keep is chance.</summary>
    LastDraw,

    /// <summary>The learned logits, cut where the budget is met.</summary>
    Threshold,

    /// <summary>The same, or a knapsack over the measured worth of gates: the table whose samples are nearest.
    /// </summary>
    Measured,
}

/// <summary>The settings of a profile, with what the options say instead.</summary>
/// <param name="Sizes">Of the hypernetwork; the number of experts is as the options have it.</param>
/// <param name="FinalTau">Temperature at the end of the window; it falls geometrically from the sizes'.</param>
/// <param name="ExpectedBudget">The exact expected share in a squared log-ratio, instead of a draw's.</param>
/// <param name="StraightThrough">Hard masks with soft gradients in the hypernetwork step.</param>
/// <param name="WindowNoise">The backbone sees noisy masks inside the window.</param>
/// <param name="CosineAfterFreeze">The backbone's rate falls once the masks are frozen.</param>
/// <param name="Freeze">How the masks are made that are frozen.</param>
/// <param name="HyperLearningRate">Of the hypernetwork.</param>
/// <param name="HyperWeightDecay">Of the hypernetwork; it pulls decided logits back to the undecided middle.</param>
/// <param name="LearningRate">Of the backbone.</param>
/// <param name="WarmUpSteps">Of both.</param>
/// <param name="FeatureWeight">Of the distillation of feature maps.</param>
/// <param name="RelativeFeatures">Divides each map's error by the teacher's mean square.</param>
/// <param name="MiddleFeature">Only the map of a DiT's middle block.</param>
/// <param name="EmaDecay">Of the average of the backbone's weights; 0: none.</param>
public sealed record AlterSettings(
    AlterSizes Sizes, double FinalTau, bool ExpectedBudget, bool StraightThrough, bool WindowNoise,
    bool CosineAfterFreeze, FreezeRule Freeze, double HyperLearningRate, double HyperWeightDecay, double LearningRate,
    int WarmUpSteps, double FeatureWeight, bool RelativeFeatures, bool MiddleFeature, double EmaDecay)
{
    /// <summary>Of an average where nothing else is said.</summary>
    public const double UsualDecay = 0.98;

    private static readonly AlterSettings Paper = new(
        new AlterSizes(), FinalTau: 0.4, ExpectedBudget: false, StraightThrough: false, WindowNoise: true,
        CosineAfterFreeze: false, Freeze: FreezeRule.LastDraw, HyperLearningRate: 7e-5, HyperWeightDecay: 1e-2,
        LearningRate: 1e-5, WarmUpSteps: 250, FeatureWeight: 1, RelativeFeatures: false,
        MiddleFeature: true, EmaDecay: 0);

    private static readonly AlterSettings Small = new(
        new AlterSizes(4, 16, 32, 16, Tau: 0.6, Offset: 2, RouterKind.Affine, DirectGates: true, LogisticNoise: true),
        FinalTau: 0.2, ExpectedBudget: true, StraightThrough: true, WindowNoise: false, CosineAfterFreeze: true,
        Freeze: FreezeRule.Measured, HyperLearningRate: 4e-3, HyperWeightDecay: 0, LearningRate: 1.5e-3,
        WarmUpSteps: 25, FeatureWeight: 0.1, RelativeFeatures: true, MiddleFeature: false, EmaDecay: UsualDecay);

    /// <summary>The profile of the options, changed by what they say.</summary>
    public static AlterSettings Of(CoFinetuneOptions options)
    {
        var profile = options.Profile == AlterProfile.Paper ? Paper : Small;
        var logistic = options.LogisticNoise ?? profile.Sizes.LogisticNoise;
        return profile with
        {
            Sizes = profile.Sizes with
            {
                Experts = options.Experts ?? profile.Sizes.Experts,
                Input = options.EmbeddingWidth ?? profile.Sizes.Input,
                ExpertHidden = options.ExpertWidth ?? profile.Sizes.ExpertHidden,
                RouterHidden = options.RouterWidth ?? profile.Sizes.RouterHidden,
                Tau = options.Tau ?? profile.Sizes.Tau,
                // b belongs to the noise: what keeps a gate open by one variable is too much for two.
                Offset = options.Offset ?? (logistic ? Small.Sizes.Offset : Paper.Sizes.Offset),
                Router = options.Router ?? profile.Sizes.Router,
                DirectGates = options.DirectGates ?? profile.Sizes.DirectGates,
                LogisticNoise = logistic,
            },
            FinalTau = options.FinalTau ?? (profile.FinalTau == profile.Sizes.Tau
                ? options.Tau ?? profile.FinalTau
                : Math.Min(options.Tau ?? profile.FinalTau, profile.FinalTau)),
            ExpectedBudget = options.ExpectedBudget ?? profile.ExpectedBudget,
            StraightThrough = options.StraightThrough ?? profile.StraightThrough,
            WindowNoise = options.WindowNoise ?? profile.WindowNoise,
            CosineAfterFreeze = options.CosineAfterFreeze ?? profile.CosineAfterFreeze,
            Freeze = options.Freeze ?? profile.Freeze,
            HyperLearningRate = options.HyperLearningRate ?? profile.HyperLearningRate,
            HyperWeightDecay = options.HyperWeightDecay ?? profile.HyperWeightDecay,
            LearningRate = options.LearningRate ?? profile.LearningRate,
            WarmUpSteps = options.WarmUpSteps ?? Math.Min(profile.WarmUpSteps, options.Window / 4),
            FeatureWeight = options.FeatureWeight ?? profile.FeatureWeight,
            RelativeFeatures = options.RelativeFeatures ?? profile.RelativeFeatures,
            MiddleFeature = options.MiddleFeature ?? profile.MiddleFeature,
            EmaDecay = options.EmaDecay ?? profile.EmaDecay,
        };
    }

    /// <summary>Temperature of a step of the window, counted from 1.</summary>
    public double TauAt(int step, int window) =>
        Sizes.Tau * Math.Pow(FinalTau / Sizes.Tau, window > 1 ? (step - 1.0) / (window - 1) : 1);
}
