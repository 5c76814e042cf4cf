using static TorchSharp.torch;

namespace Mlops.Pruning.Alter;

/// <summary>What a network predicted and the feature maps it showed on the way.</summary>
/// <param name="Output">[N, C, H, W].</param>
/// <param name="Features">One map per block, in order; may be empty.</param>
public sealed record Prediction(Tensor Output, IReadOnlyList<Tensor> Features);

/// <summary>
/// L = λ_den·L_denoise + λ_out·L_outKD + λ_feat·L_featKD (ALTER, arXiv 2505.21817, section 3.3). The paper sets
/// λ_den = 1e-4 because the denoising term disturbs the student; its code leaves it out altogether.
/// </summary>
/// <param name="Denoise">λ_den.</param>
/// <param name="Output">λ_out.</param>
/// <param name="Feature">λ_feat.</param>
/// <param name="RelativeFeatures">Divides each map's error by the teacher's mean square, so that no block dominates
/// (LAPTOP-Diff, arXiv 2404.11098, retraining loss).</param>
/// <param name="MiddleFeature">Only the middle map counts, index count/2.</param>
public sealed record Distillation(
    double Denoise = 1e-4, double Output = 1, double Feature = 1, bool RelativeFeatures = false,
    bool MiddleFeature = false)
{
    /// <summary>Whether any term needs a teacher.</summary>
    public bool NeedsTeacher => Output > 0 || Feature > 0;

    /// <summary>The weighted sum; a scalar in the caller's scope.</summary>
    /// <param name="teacher">The dense network on the same noised input; null when its weights are 0.</param>
    /// <param name="target">What the objective asks for: noise, velocity or image, [N, C, H, W].</param>
    public Tensor Loss(Prediction student, Prediction? teacher, Tensor target)
    {
        using var scope = NewDisposeScope();
        if (teacher is null && NeedsTeacher)
            throw new ArgumentNullException(nameof(teacher), "distillation weights above 0 need a teacher");

        // Variance channels of the output, where a network has them, only have a teacher.
        var mean = student.Output.narrow(1, 0, target.shape[1]);
        var loss = MeanSquare(mean, target) * Denoise;
        if (Output > 0)
            loss = loss + MeanSquare(student.Output, teacher!.Output) * Output;
        if (Feature > 0)
            loss = loss + FeatureLoss(student.Features, teacher!.Features) * Feature;
        return loss.MoveToOuterDisposeScope();
    }

    private Tensor FeatureLoss(IReadOnlyList<Tensor> student, IReadOnlyList<Tensor> teacher)
    {
        if (student.Count != teacher.Count || student.Count == 0)
            throw new InvalidDataException(
                $"the student shows {student.Count} feature maps and the teacher {teacher.Count}; feature distillation "
                + "needs the same blocks in both, so set feature-weight to 0 for this student");

        // A width-pruned student has narrower maps at some blocks; only maps of one shape can be compared.
        var terms = student.Zip(teacher).Where((_, map) => !MiddleFeature || map == student.Count / 2)
            .Where(pair => pair.First.shape.SequenceEqual(pair.Second.shape))
            .Select(pair => RelativeFeatures
                ? MeanSquare(pair.First, pair.Second) / (pair.Second.square().mean() + 1e-8)
                : MeanSquare(pair.First, pair.Second)).ToArray();
        return terms.Length == 0 ? zeros_like(student[0]).sum() : stack(terms).mean();
    }

    private static Tensor MeanSquare(Tensor a, Tensor b) => (a - b).square().mean();
}
