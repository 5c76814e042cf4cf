namespace Mlops.Contracts;

/// <summary>Names one immutable object by the SHA-256 digest of its bytes.</summary>
/// <param name="Sha256">64 lower-case hexadecimal digits.</param>
/// <param name="Length">Bytes.</param>
public sealed record ObjectRef(string Sha256, long Length);
