using Mlops.Diffusion.Images;

namespace Mlops.Diffusion.Data;

/// <summary>Builds and opens <c>data</c> artifacts: folders that carry everything a job needs to see the same
/// images.</summary>
public static class DataFolder
{
    /// <summary>The word that names the built-in image set instead of a folder.</summary>
    public const string Procedural = "procedural";

    private const int ProceduralCount = 10_000;
    private const int DefaultSize = 32;

    /// <summary>Says what a user's folder (or the word <c>procedural</c>) holds, without copying it.</summary>
    /// <param name="source">A folder, or <c>procedural</c>.</param>
    /// <param name="seed">Seed of the procedural set.</param>
    /// <param name="size">Side to which PNG images are scaled.</param>
    /// <exception cref="DirectoryNotFoundException">the folder is missing.</exception>
    /// <exception cref="InvalidDataException">it holds no images that can be read.</exception>
    public static DataDescription Describe(string source, long seed = 0, int size = DefaultSize)
    {
        if (source == Procedural)
            return new DataDescription(
                "procedural", ProceduralSet.Names.Count, ProceduralCount, ProceduralSet.Side, seed,
                ProceduralSet.Names);
        CheckFolder(source);
        if (File.Exists(Path.Combine(source, DataDescription.FileName)))
            return DataDescription.Read(source);
        if (CifarSet.IsHere(source))
            return new DataDescription(
                "cifar10", 10, new CifarSet(source, DataSplit.Train).Count, 32, 0, CifarSet.Names);

        var images = new PngSet(source, size);
        return new DataDescription("png", images.Classes, images.Count, size, 0, images.ClassNames);
    }

    /// <summary>Builds an artifact folder: copies CIFAR-10 batches, or scales PNG images into <c>images/</c>.</summary>
    /// <param name="source">A folder, or <c>procedural</c>.</param>
    /// <param name="target">Folder to fill; made if missing.</param>
    /// <param name="seed">Seed of the procedural set.</param>
    /// <param name="size">Side to which PNG images are scaled.</param>
    public static DataDescription Import(string source, string target, long seed = 0, int size = DefaultSize)
    {
        var description = Describe(source, seed, size);
        Directory.CreateDirectory(target);
        if (source != Procedural && File.Exists(Path.Combine(source, DataDescription.FileName)))
            CopyTree(source, target);
        else if (description.Source == "cifar10")
            foreach (var path in Directory.GetFiles(source, "*_batch*.bin"))
                File.Copy(path, Path.Combine(target, Path.GetFileName(path)), overwrite: true);
        else if (description.Source == "png")
            WriteImages(new PngSet(source, size), Path.Combine(target, "images"));
        description.Write(target);

        return description;
    }

    /// <summary>Opens an artifact folder, or a user's folder directly.</summary>
    public static ImageSet Open(string folder, DataSplit split)
    {
        var description = Describe(folder);
        return description.Source switch
        {
            // The test split continues with other pictures of the same kind.
            "procedural" => new ProceduralSet(
                description.Count, split == DataSplit.Train ? description.Seed : ~description.Seed),
            "cifar10" => new CifarSet(folder, split),
            _ => new PngSet(ImagesOf(folder), description.Size),
        };
    }

    private static string ImagesOf(string folder)
    {
        var isArtifact = File.Exists(Path.Combine(folder, DataDescription.FileName));
        return isArtifact ? Path.Combine(folder, "images") : folder;
    }

    private static void CheckFolder(string folder)
    {
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException(
                $"the data folder {folder} does not exist; name a folder of CIFAR-10 batches or PNG images, or "
                + $"the word {Procedural}.");
    }

    private static void WriteImages(PngSet images, string target)
    {
        for (var i = 0; i < images.Count; i++)
        {
            var folder = images.Classes > 0
                ? Path.Combine(target, images.ClassNames[(int)images.Label(i)])
                : target;
            Directory.CreateDirectory(folder);
            PngWriter.Write(images.Picture(i), Path.Combine(folder, $"{i:D6}.png"));
        }
    }

    private static void CopyTree(string source, string target)
    {
        foreach (var path in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(target, Path.GetRelativePath(source, path));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(path, copy, overwrite: true);
        }
    }
}
