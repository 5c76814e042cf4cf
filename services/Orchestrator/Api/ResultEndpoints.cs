using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Net.Http.Headers;
using Mlops.Orchestrator.Store;
using Mlops.Platform.Objects;

namespace Mlops.Orchestrator.Api;

/// <summary>What the jobs of a run have made, file by file: report, table, pictures, model.</summary>
internal static class ResultEndpoints
{
    private static readonly FileExtensionContentTypeProvider Types = new();

    /// <summary>Adds them.</summary>
    public static void MapResults(this IEndpointRouteBuilder app)
    {
        app.MapGet("/runs/{run}/result", ListAsync).WithSummary("The files that the jobs of a run have made");
        app.MapGet("/runs/{run}/result/{job}/{**file}", GetAsync).WithSummary("One of these files");
    }

    private static async Task<Results<Ok<List<ResultFileResponse>>, ProblemHttpResult>> ListAsync(
        string run, RunQueries queries, ArtifactStore artifacts, CancellationToken cancellationToken)
    {
        if (await queries.FindAsync(run, cancellationToken) is not { } state)
            return RunEndpoints.NoSuch(run);
        var files = new List<ResultFileResponse>();
        foreach (var job in state.Jobs.Where(job => job.Output is not null))
            foreach (var (file, content) in (await artifacts.ReadManifestAsync(job.Output!, cancellationToken)).Files)
                files.Add(new(
                    job.JobId, file, content.Length, $"/runs/{state.RunId}/result/{job.JobId}/{file}"));
        return TypedResults.Ok(files);
    }

    private static async Task<Results<FileStreamHttpResult, ProblemHttpResult>> GetAsync(
        string run, string job, string file, HttpResponse response, RunQueries queries, ArtifactStore artifacts,
        CancellationToken cancellationToken)
    {
        if (await queries.FindAsync(run, cancellationToken) is not { } state)
            return RunEndpoints.NoSuch(run);
        if (state.Jobs.Find(each => each.JobId == job) is not { Output: { } output })
            return NotFound($"run {state.RunId} has no result of a job '{job}'; GET /runs/{run}/result lists them");
        if (await artifacts.OpenFileAsync(output, file, cancellationToken) is not var (content, reference))
            return NotFound($"the result of job '{job}' has no file '{file}'; GET /runs/{run}/result lists them");
        // A page that an input brought along may draw itself, but not call this server in the name of its reader.
        response.Headers.ContentSecurityPolicy = "sandbox allow-scripts";
        response.Headers.XContentTypeOptions = "nosniff";
        return TypedResults.Stream(
            content, Types.TryGetContentType(file, out var type) ? type : "application/octet-stream",
            entityTag: new EntityTagHeaderValue($"\"{reference.Sha256}\""));
    }

    private static ProblemHttpResult NotFound(string sentence) =>
        TypedResults.Problem(sentence, statusCode: StatusCodes.Status404NotFound);
}
