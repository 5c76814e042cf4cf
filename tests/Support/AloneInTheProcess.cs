namespace Mlops.Tests.Support;

/// <summary>For tests that look at the whole process, its memory for example: none runs beside another.</summary>
[CollectionDefinition(nameof(AloneInTheProcess), DisableParallelization = true)]
public sealed class AloneInTheProcess;
