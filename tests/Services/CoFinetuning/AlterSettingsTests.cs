using Mlops.CoFinetuning;
using Mlops.Pruning.Alter;

namespace Mlops.Tests.Services.CoFinetuning;

/// <summary>The profiles of ALTER.</summary>
public sealed class AlterSettingsTests
{
    [Fact]
    public void The_paper_profile_is_what_was_published()
    {
        var options = new CoFinetuneOptions { Profile = AlterProfile.Paper };
        var settings = AlterSettings.Of(options);

        // arXiv 2505.21817: section 4.1, appendix tables, and the authors' scripts where the text is silent.
        Assert.Equal(new AlterSizes(10, 64, 256, 64, 0.4, 4), settings.Sizes);
        Assert.Equal((5.0, 1.0, 1e-4), (
            options.RatioWeight, options.BalanceWeight, options.Distillation.Denoise));
        Assert.Equal((29_400, 9_400, 64), (options.StepCount, options.Window, options.Images));
        Assert.Equal((1e-5, 7e-5, 1e-2, 250), (
            settings.LearningRate, settings.HyperLearningRate, settings.HyperWeightDecay, settings.WarmUpSteps));
        Assert.Equal((1.0, false, true, 0.0), (
            settings.FeatureWeight, settings.RelativeFeatures, settings.MiddleFeature, settings.EmaDecay));
        Assert.Equal(
            (false, false, true, false, FreezeRule.LastDraw, 0.4),
            (settings.ExpectedBudget, settings.StraightThrough, settings.WindowNoise, settings.CosineAfterFreeze,
                settings.Freeze, settings.TauAt(50, 100)));
    }

    [Fact]
    public void Every_change_from_the_paper_is_an_option_that_can_be_turned_off()
    {
        var back = new CoFinetuneOptions
        {
            Router = RouterKind.Network, DirectGates = false, LogisticNoise = false, ExpectedBudget = false,
            StraightThrough = false, WindowNoise = true, CosineAfterFreeze = false, Freeze = FreezeRule.LastDraw,
            RelativeFeatures = false, FeatureWeight = 1, Tau = 0.4, FinalTau = 0.4, HyperWeightDecay = 1e-2,
            Experts = 10, EmbeddingWidth = 64, ExpertWidth = 256, RouterWidth = 64, LearningRate = 1e-5,
            HyperLearningRate = 7e-5, WarmUpSteps = 250, MiddleFeature = true, EmaDecay = 0,
        };

        var paper = AlterSettings.Of(new CoFinetuneOptions { Profile = AlterProfile.Paper });
        Assert.Equal(paper, AlterSettings.Of(back));
        Assert.NotEqual(paper, AlterSettings.Of(new CoFinetuneOptions()));
    }

    [Fact]
    public void A_short_run_of_the_paper_profile_keeps_its_proportions()
    {
        var options = new CoFinetuneOptions { Profile = AlterProfile.Paper, Steps = 294, Tau = 0.8 };
        var settings = AlterSettings.Of(options);

        Assert.Equal((94, 23), (options.Window, settings.WarmUpSteps));
        Assert.Equal((0.8, 0.8), (settings.TauAt(1, 94), settings.TauAt(94, 94)));
    }

    [Fact]
    public void The_temperature_falls_from_its_start_to_its_end()
    {
        var settings = AlterSettings.Of(new CoFinetuneOptions { Tau = 0.8, FinalTau = 0.2 });

        Assert.Equal(0.8, settings.TauAt(1, 101), 1e-12);
        Assert.Equal(0.4, settings.TauAt(51, 101), 1e-12);
        Assert.Equal(0.2, settings.TauAt(101, 101), 1e-12);
    }
}
