using Mlops.Tests.Support;
using Mlops.TorchGenerator;

namespace Mlops.Tests.Torch.Compat;

/// <summary>The generated files are those that the op table gives.</summary>
public sealed class GeneratorTests
{
    public static TheoryData<string> Files => [.. Generated().Select(file => file.Path)];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_generated_file_is_up_to_date(string path)
    {
        var expected = Generated().Single(file => file.Path == path).Text;

        Assert.Equal(expected, File.ReadAllText(Repository.Path("shared", "Torch", path)));
    }

    [Fact]
    public void A_row_with_an_unknown_type_is_refused_by_name()
    {
        var error = Assert.Throws<FormatException>(() =>
            Emitter.Emit("[Tensor]\nTensor abs(Matrix m) | -\n").ToList());

        Assert.Contains("\"Matrix\"", error.Message);
    }

    private static IEnumerable<(string Path, string Text)> Generated() =>
        Emitter.Emit(File.ReadAllText(Repository.Path("shared", "Torch", "Ops", "ops.txt")));
}
