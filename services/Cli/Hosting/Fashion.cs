namespace Mlops.Cli.Hosting;

/// <summary>What a run starts from when it is given nothing: a small model of clothes that comes with the program, and
/// the images it was trained on where the system has them.</summary>
public static class Fashion
{
    // Where the package dataset-fashion-mnist of Debian and Ubuntu puts Fashion-MNIST (Xiao et al. 2017).
    private const string Dataset = "/usr/share/datasets/fashion-mnist";

    /// <summary>Folder of the model.</summary>
    public static string Model { get; } = Path.Combine(AppContext.BaseDirectory, "models", "fashion");

    /// <summary>Folder of the images; null where the package is not installed.</summary>
    public static string? Data => Directory.Exists(Dataset) ? Dataset : null;
}
