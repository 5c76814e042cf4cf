using Mlops.Diffusion.Models;

namespace Mlops.Diffusion.Data;

/// <summary>Whether images are such as a model makes.</summary>
public static class DataFit
{
    /// <summary>Refuses images of another shape.</summary>
    /// <exception cref="InvalidDataException">One sentence.</exception>
    public static void CheckShape((long Channels, long Height, long Width) images, Denoiser model)
    {
        if (images != model.SampleShape)
            throw new InvalidDataException(
                $"the images are {InWords(images)}, but the model makes {InWords(model.SampleShape)}; give the data "
                + "that it was trained on, or leave 'data' out to take its own samples");
    }

    /// <summary>Refuses labels that a model does not know.</summary>
    /// <param name="classes">Of the data; 0 for none.</param>
    /// <param name="needed">Whether a model with labels must be given some.</param>
    /// <exception cref="InvalidDataException">One sentence.</exception>
    public static void CheckClasses(int classes, bool needed, Denoiser model)
    {
        if (model.Classes > 0 && (classes > model.Classes || (needed && classes == 0)))
            throw new InvalidDataException(
                $"the data has {(classes == 0 ? "no" : $"{classes}")} classes, but the model knows {model.Classes}; "
                + "give the data that it was trained on");
    }

    private static string InWords((long Channels, long Height, long Width) shape) =>
        $"{shape.Channels} x {shape.Height} x {shape.Width}";
}
