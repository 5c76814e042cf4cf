using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Mlops.Contracts.Commands;
using Mlops.Orchestrator.Schedules;

namespace Mlops.Orchestrator.Api;

/// <summary>The HTTP interface: who may call, what it offers, and its description at <c>/openapi/v1.json</c>.</summary>
internal static class ApiRegistration
{
    private const string DocumentPath = "/openapi/{documentName}.json";

    /// <summary>Registers what the endpoints need.</summary>
    public static IServiceCollection AddApi(this IServiceCollection services)
    {
        services.AddAuthenticationCore(authentication =>
        {
            authentication.AddScheme<ApiKeyHandler>(ApiKeyHandler.Name, displayName: null);
            authentication.DefaultScheme = ApiKeyHandler.Name;
        });
        services.AddWebEncoders();
        services.AddTransient<ApiKeyHandler>();
        services.ConfigureHttpJsonOptions(json => ApiJson.Configure(json.SerializerOptions));
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.AddOpenApi(api => api.AddSchemaTransformer(DescribeRequestAsync));
        return services;
    }

    /// <summary>Maps all endpoints; with a key, callers have to present it.</summary>
    public static void MapApi(this IEndpointRouteBuilder app, bool hasKey)
    {
        app.MapOpenApi(DocumentPath);
        app.MapHomePage();
        var group = app.MapGroup("").ProducesProblem(StatusCodes.Status400BadRequest);
        if (hasKey)
            group.RequireAuthorization(policy => policy.RequireAuthenticatedUser());
        else
            group.AddEndpointFilter(RefuseOtherSitesAsync);
        group.MapRuns();
        group.MapResults();
        ScheduleEndpoints.Map(group);
    }

    // Pages of other sites can make a browser call us, but not without saying where they come from.
    private static ValueTask<object?> RefuseOtherSitesAsync(
        EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var request = context.HttpContext.Request;
        return request.Headers.Origin is [{ } origin, ..] && origin != $"{request.Scheme}://{request.Host}"
            ? ValueTask.FromResult<object?>(TypedResults.Problem(
                "calls from web pages of other sites are not answered", statusCode: StatusCodes.Status403Forbidden))
            : next(context);
    }

    // It reads any JSON, so that what is wrong can be said; what it should be is not to be seen from its type.
    private static Task DescribeRequestAsync(
        OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        if (context.JsonTypeInfo.Type != typeof(RequestRun))
            return Task.CompletedTask;
        var text = new OpenApiSchema { Type = JsonSchemaType.String };
        var map = new OpenApiSchema { Type = JsonSchemaType.Object, AdditionalProperties = text };
        schema.Type = JsonSchemaType.Object;
        schema.Required = new HashSet<string> { "recipe" };
        schema.Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["recipe"] = text, ["inputs"] = map, ["settings"] = map, ["idempotencyKey"] = text, ["runId"] = text,
            ["format"] = text,
        };
        return Task.CompletedTask;
    }
}
