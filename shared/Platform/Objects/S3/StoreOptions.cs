using System.Text;

namespace Mlops.Platform.Objects.S3;

/// <summary>Where an S3 store is and who we are there. Its text form leaves the secret out.</summary>
/// <param name="Endpoint">The server, without the bucket.</param>
/// <param name="Bucket">One bucket for everything.</param>
/// <param name="SecretKey">Signs them; never sent.</param>
public sealed record StoreOptions(Uri Endpoint, string Bucket, string AccessKey, string SecretKey)
{
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append($"{Endpoint}{Bucket} as {AccessKey}");
        return true;
    }
}
