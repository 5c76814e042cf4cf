using System.ComponentModel.DataAnnotations;
using Mlops.Platform.Jobs;

namespace Mlops.Tests.Platform;

public sealed class JobOptionsTests
{
    [Fact]
    public void What_is_not_given_keeps_its_default()
    {
        var options = JobOptions.Read<Sample>("""{"train-steps": 7, "mode": "co-tuned", "weights": [1, 2.5]}""");

        Assert.Equal((7, 1e-3, Mode.CoTuned), (options.TrainSteps, options.Rate, options.Mode));
        Assert.Equal([1, 2.5], options.Weights);
        Assert.Equal(new Sample().Rate, JobOptions.Read<Sample>("").Rate);
    }

    [Theory]
    [InlineData("""{"steps": 7}""", "unknown option 'steps'; known options: train-steps, rate, mode, metric")]
    [InlineData("""{"TrainSteps": 7}""", "unknown option 'TrainSteps'")]
    [InlineData("""{"train-steps": 0}""", "option 'train-steps' is 0; it must be at least 1 and at most 100")]
    [InlineData("""{"train-steps": "7"}""", "option 'train-steps' is \"7\"; it must be a whole number")]
    [InlineData("""{"train-steps": 7.5}""", "option 'train-steps' is 7.5; it must be a whole number")]
    [InlineData("""{"train-steps": null}""", "option 'train-steps' is null; it must be a whole number")]
    [InlineData("""{"train-steps": 7, "train-steps": 8}""", "option 'train-steps' is given twice")]
    [InlineData("""{"rate": 0}""", "option 'rate' is 0; it must be above 0 and at most 1")]
    [InlineData("""{"rate": true}""", "option 'rate' is true; it must be a number")]
    [InlineData("""{"mode": "none"}""", "option 'mode' is \"none\"; it must be one of dense, co-tuned")]
    [InlineData("""{"mode": 1}""", "option 'mode' is 1; it must be one of dense, co-tuned")]
    [InlineData("""{"metric": "l1"}""", "option 'metric' is 'l1'; it must be one of mse, ssim")]
    [InlineData("""{"weights": 3}""", "option 'weights' is 3; it must be a list")]
    [InlineData("""{"train-steps": 50, "rate": 0.9}""", "rate 0.9 needs fewer steps than 50")]
    [InlineData("[]", "the options must be a JSON object")]
    [InlineData("{", "the options are not valid JSON")]
    public void A_bad_option_is_named_with_what_is_allowed(string json, string expected)
    {
        var thrown = Assert.Throws<ArgumentException>(() => JobOptions.Read<Sample>(json));

        Assert.StartsWith(expected, thrown.Message);
    }

    [Fact]
    public void Defaults_are_listed_under_the_names_that_recipes_use()
    {
        var defaults = JobOptions.Defaults<Sample>();

        Assert.Equal(10, defaults["train-steps"].GetInt32());
        Assert.Equal("dense", defaults["mode"].GetString());
    }

    public enum Mode
    {
        Dense,
        CoTuned,
    }

    public sealed record Sample : IValidatableObject
    {
        [Range(1, 100)]
        public int TrainSteps { get; init; } = 10;

        [Range(0.0, 1.0, MinimumIsExclusive = true)]
        public double Rate { get; init; } = 1e-3;

        public Mode Mode { get; init; }

        [RegularExpression("mse|ssim")]
        public string Metric { get; init; } = "mse";

        public IReadOnlyList<double> Weights { get; init; } = [];

        [Range(1, 9)]
        public int? Stages { get; init; }

        public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
        {
            if (Rate > 0.5 && TrainSteps > 20)
                yield return new ValidationResult(FormattableString.Invariant(
                    $"rate {Rate} needs fewer steps than {TrainSteps}"));
        }
    }
}
