using Mlops.Tests.Support;

namespace Mlops.Tests.Cli;

/// <summary>Where the history goes when nobody says so.</summary>
public sealed class HomeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Without_a_word_every_folder_shares_the_home_of_the_user()
    {
        using var elsewhere = new TemporaryFolder();

        var added = Run(elsewhere.Path, "schedule", "add", "nightly", "--recipe", "forecast", "--cron", "0 2 * * *");
        var listed = Run(_folder.Path, "schedule", "list");

        Assert.Equal((0, 0), (added.ExitCode, listed.ExitCode));
        Assert.Contains("nightly", listed.Output, StringComparison.Ordinal);
        Assert.True(Directory.Exists(_folder.File("data/mlops")));
        Assert.Empty(Directory.GetFileSystemEntries(elsewhere.Path));
    }

    [Fact]
    public void A_home_in_the_current_folder_is_the_one_of_that_folder()
    {
        Directory.CreateDirectory(_folder.File(".mlops"));

        var listed = Run(_folder.Path, "schedule", "list");

        Assert.Equal(0, listed.ExitCode);
        Assert.NotEmpty(Directory.GetFileSystemEntries(_folder.File(".mlops")));
        Assert.False(Directory.Exists(_folder.File("data")));
    }

    private (int ExitCode, string Output, string Errors) Run(string folder, params string[] arguments)
    {
        var environment = new Dictionary<string, string>
        {
            ["MLOPS_HOME"] = "", ["XDG_DATA_HOME"] = _folder.File("data"),
        };
        using var process = MlopsProcess.Start(folder, environment, arguments);
        return process.Finish();
    }
}
