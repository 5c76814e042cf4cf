using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mlops.Orchestrator.Api;

/// <summary>Knows a caller by the key in the header <c>Authorization: Bearer …</c>.</summary>
internal sealed class ApiKeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> schemes, ILoggerFactory logs, UrlEncoder encoder,
    OrchestratorOptions options) : AuthenticationHandler<AuthenticationSchemeOptions>(schemes, logs, encoder)
{
    /// <summary>Its name, and the word before the key.</summary>
    public const string Name = "Bearer";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(
        options.ApiKey?.IsIn(Request.Headers.Authorization) == true
            ? AuthenticateResult.Success(new(new ClaimsPrincipal(new ClaimsIdentity(Name)), Name))
            : AuthenticateResult.NoResult());

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = Name;
        return Results.Problem(
            "the key is missing or wrong; send the header Authorization: Bearer, with the value of MLOPS_API_KEY",
            statusCode: StatusCodes.Status401Unauthorized).ExecuteAsync(Context);
    }
}
