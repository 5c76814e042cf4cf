using Mlops.Diffusion.Weights;
using static TorchSharp.torch;

namespace Mlops.Diffusion.Data;

/// <summary>Images or latents as tensors in <c>images.safetensors</c>: <c>images</c> [N,
/// C, H, W] float32, in the range that the model was trained on, and <c>labels</c> [N]
/// int64 where there are classes. The last fifth is the test split.</summary>
public sealed class TensorSet : ImageSet
{
    /// <summary>The tensor that has the images.</summary>
    public const string ImagesName = "images";

    private const string FileName = "images.safetensors", LabelsName = "labels";

    private readonly float[] _images;
    private readonly long[]? _labels;
    private readonly long[] _shape;
    private readonly int _first;

    /// <summary>Reads the file of a folder.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or its tensors have other shapes.</exception>
    public TensorSet(string folder, DataSplit split)
    {
        using var scope = NewDisposeScope();
        using var file = SafetensorsFile.Open(Path.Combine(folder, FileName));
        var images = file.Read(ImagesName);
        _shape = images.shape;
        if (_shape is not [> 1, > 0, > 0, > 0])
            throw new InvalidDataException($"{file.Path} has images of shape [{string.Join(", ", _shape)}]; "
                + "at least two, [N, C, H, W], are wanted.");
        _images = images.Values();
        _labels = file.Header.Tensors.ContainsKey(LabelsName)
            ? file.Read(LabelsName).to_type(int64).data<long>().ToArray()
            : null;
        if (_labels is not null && (_labels.Length != _shape[0] || _labels.Min() < 0))
            throw new InvalidDataException(
                $"{file.Path} has {_labels.Length} labels for {_shape[0]} images, or one below 0.");
        Classes = _labels is null ? 0 : (int)_labels.Max() + 1;
        var held = Math.Max(1, (int)_shape[0] / 5);
        (_first, Count) = split == DataSplit.Train ? (0, (int)_shape[0] - held) : ((int)_shape[0] - held, held);
    }

    /// <inheritdoc/>
    public override int Count { get; }

    /// <inheritdoc/>
    public override int Classes { get; }

    /// <inheritdoc/>
    public override (int Channels, int Height, int Width) Shape => ((int)_shape[1], (int)_shape[2], (int)_shape[3]);

    /// <summary>Whether a folder holds such a file.</summary>
    public static bool IsHere(string folder) => File.Exists(PathIn(folder));

    /// <summary>The file of a folder.</summary>
    public static string PathIn(string folder) => Path.Combine(folder, FileName);

    /// <summary>Writes images, and labels if there are any, with their description.</summary>
    public static void Write(string folder, Tensor images, Tensor? labels)
    {
        var tensors = new Dictionary<string, Tensor> { [ImagesName] = images };
        if (labels is not null)
            tensors[LabelsName] = labels;
        SafetensorsWriter.Write(PathIn(folder), tensors);
        DataFolder.Describe(folder).Write(folder);
    }

    protected internal override long Fill(int index, Span<float> planes, bool mirrored)
    {
        var width = (int)_shape[3];
        _images.AsSpan((_first + index) * planes.Length, planes.Length).CopyTo(planes);
        for (var row = 0; mirrored && row < planes.Length; row += width)
            planes.Slice(row, width).Reverse();
        return _labels?[_first + index] ?? 0;
    }
}
