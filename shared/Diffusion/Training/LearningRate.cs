namespace Mlops.Diffusion.Training;

/// <summary>A learning rate as a pure function of the step: linear warm-up, then constant or a cosine to the floor
/// (Loshchilov &amp; Hutter 2017, equation 5 without restarts).</summary>
/// <param name="Peak">Rate after the warm-up.</param>
/// <param name="WarmUp">Steps of the warm-up; 0 for none.</param>
/// <param name="Total">Steps of the run; the cosine ends there.</param>
/// <param name="Cosine">False keeps the peak.</param>
/// <param name="Floor">Rate at the end of the cosine, as a share of the peak.</param>
/// <param name="Hold">The cosine begins no earlier than at this step.</param>
public sealed record LearningRate(
    double Peak, int WarmUp = 0, int Total = 0, bool Cosine = false, double Floor = 0, int Hold = 0)
{
    /// <summary>The rate of a step, counted from 0.</summary>
    public double At(long step)
    {
        if (step < WarmUp)
            return Peak * (step + 1) / WarmUp;
        var start = Math.Max(WarmUp, Hold);
        if (!Cosine || Total <= start || step < start)
            return Peak;
        var progress = Math.Min(1, (double)(step - start) / (Total - start));

        return Peak * (Floor + ((1 - Floor) * 0.5 * (1 + Math.Cos(Math.PI * progress))));
    }
}
