using Mlops.Diffusion.Images;

namespace Mlops.Diffusion.Data;

/// <summary>Builds and opens <c>data</c> artifacts: folders that
/// carry everything a job needs to see the same images.</summary>
public static class DataFolder
{
    /// <summary>The word that names the built-in image set instead of a folder.</summary>
    public const string Procedural = DataDescription.Procedural;

    private const int ProceduralCount = 10_000;
    private const int DefaultSize = 32;

    /// <summary>Says what a user's folder (or the word <c>procedural</c>) holds, without copying it.</summary>
    /// <param name="source">A folder, or <c>procedural</c>.</param>
    /// <param name="size">Side to which pictures are scaled.</param>
    /// <exception cref="DirectoryNotFoundException">the folder is missing.</exception>
    /// <exception cref="InvalidDataException">it holds no images that can be read.</exception>
    public static DataDescription Describe(string source, long seed = 0, int size = DefaultSize)
    {
        if (source == Procedural)
            return new DataDescription(
                Procedural, ProceduralSet.Names.Count, ProceduralCount, 3, ProceduralSet.Side, seed,
                ProceduralSet.Names);
        CheckFolder(source);
        if (File.Exists(Path.Combine(source, DataDescription.FileName)))
            return DataDescription.Read(source);
        if (CifarSet.IsHere(source))
            return Of(DataDescription.Cifar, new CifarSet(source, DataSplit.Train), CifarSet.Names);
        if (IdxSet.IsHere(source))
            return Of(DataDescription.Idx, new IdxSet(source, DataSplit.Train), IdxSet.NamesIn(source));
        if (TensorSet.IsHere(source))
            return Of(DataDescription.Tensors, new TensorSet(source, DataSplit.Train), names: null);

        var pictures = new PictureSet(source, size);
        return Of(DataDescription.Pictures, pictures, pictures.ClassNames);
    }

    /// <summary>Builds an artifact folder: copies CIFAR-10 batches, IDX
    /// files or tensors, or scales pictures into <c>images/</c>.</summary>
    /// <param name="source">A folder, or <c>procedural</c>.</param>
    /// <param name="target">Folder to fill; made if missing.</param>
    /// <param name="size">Side to which pictures are scaled.</param>
    public static DataDescription Import(string source, string target, long seed = 0, int size = DefaultSize)
    {
        var description = Describe(source, seed, size);
        Directory.CreateDirectory(target);
        if (source != Procedural && File.Exists(Path.Combine(source, DataDescription.FileName)))
            CopyTree(source, target);
        else if (description.Source == DataDescription.Cifar)
            CopyInto(target, Directory.GetFiles(source, "*_batch*.bin"));
        else if (description.Source == DataDescription.Idx)
            CopyInto(target, IdxSet.FilesIn(source));
        else if (description.Source == DataDescription.Tensors)
            CopyInto(target, [TensorSet.PathIn(source)]);
        else if (description.Source == DataDescription.Pictures)
        {
            var pictures = new PictureSet(source, size);
            WriteImages(pictures, Path.Combine(target, "images"));
            description = description with { Resized = pictures.Resized };
        }

        description.Write(target);

        return description;
    }

    /// <summary>Opens an artifact folder, or a user's folder directly.</summary>
    public static ImageSet Open(string folder, DataSplit split)
    {
        var description = Describe(folder);
        var (images, isSplit) = description.Source switch
        {
            // The test split continues with other pictures of the same kind.
            Procedural => ((ImageSet)new ProceduralSet(
                description.Count, split == DataSplit.Train ? description.Seed : ~description.Seed), true),
            DataDescription.Cifar => (new CifarSet(folder, split), CifarSet.IsSplit(folder)),
            DataDescription.Idx => (new IdxSet(folder, split), IdxSet.IsSplit(folder)),
            DataDescription.Tensors => (new TensorSet(folder, split), true),
            _ => (new PictureSet(ImagesOf(folder), description.Size), false),
        };
        return isSplit ? images : new HeldOutSet(images, split, folder);
    }

    private static DataDescription Of(string source, ImageSet images, IReadOnlyList<string>? names)
    {
        var (channels, height, width) = images.Shape;
        return height == width
            ? new DataDescription(source, images.Classes, images.Count, channels, width, 0, names)
            : throw new InvalidDataException(
                $"the images are {height} x {width}; only square ones can be used, crop them.");
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
                $"the data folder {folder} does not exist; name a folder of pictures, IDX files, CIFAR-10 batches "
                + "or tensors, "
                + $"or the word {Procedural}.");
    }

    private static void WriteImages(PictureSet images, string target)
    {
        for (var i = 0; i < images.Count; i++)
        {
            var folder = images.Classes > 0
                ? Path.Combine(target, images.ClassNames[(int)images.Label(i)])
                : target;
            Directory.CreateDirectory(folder);
            ImageFile.WritePng(images.Picture(i), Path.Combine(folder, $"{i:D6}.png"));
        }
    }

    private static void CopyInto(string target, IEnumerable<string> files)
    {
        foreach (var path in files)
            File.Copy(path, Path.Combine(target, Path.GetFileName(path)), overwrite: true);
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
