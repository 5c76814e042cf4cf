using Mlops.Platform.Configuration;
using Mlops.Platform.Hosting;

namespace Mlops.Tests.Platform;

public sealed class ApiOptionsTests
{
    [Theory]
    [InlineData("http://127.0.0.1:8480")]
    [InlineData("http://127.8.9.1:8480")]
    [InlineData("http://localhost:0")]
    [InlineData("http://[::1]:8480;http://127.0.0.1:8480")]
    public void Who_listens_to_this_machine_alone_needs_no_key(string addresses)
    {
        new ApiOptions(Key: null, Open: false).CheckAddress(addresses);
    }

    [Theory]
    [InlineData("http://0.0.0.0:8480")]
    [InlineData("http://*:8480")]
    [InlineData("http://[::]:8480")]
    [InlineData("http://192.0.2.1:8480")]
    [InlineData("http://127.0.0.1:8480;http://orchestrator:8480")]
    public void Other_machines_are_let_in_on_purpose_only(string addresses)
    {
        var refused = Assert.Throws<ArgumentException>(
            () => new ApiOptions(Key: null, Open: false).CheckAddress(addresses));

        Assert.Contains("MLOPS_API_KEY", refused.Message, StringComparison.Ordinal);
        new ApiOptions(Key: null, Open: true).CheckAddress(addresses);
        new ApiOptions(new ApiKey("k"), Open: false).CheckAddress(addresses);
    }

    [Fact]
    public void What_is_no_address_is_named()
    {
        var refused = Assert.Throws<ArgumentException>(
            () => new ApiOptions(Key: null, Open: false).CheckAddress("8480"));

        Assert.Contains("'8480' is not an address", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_in_a_log_line_do_not_tell_the_key()
    {
        var api = Connections.From(
            Settings.From(new Dictionary<string, string> { ["MLOPS_API_KEY"] = "open sesame" }));

        Assert.True(api.Api.Key!.IsIn("Bearer open sesame"));
        Assert.DoesNotContain("sesame", $"{api} {api.Api}", StringComparison.Ordinal);
    }
}
