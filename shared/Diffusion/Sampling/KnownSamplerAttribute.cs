using System.ComponentModel.DataAnnotations;

namespace Mlops.Diffusion.Sampling;

/// <summary>An option that names a sampler: an unknown one is refused before any work starts.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class KnownSamplerAttribute : ValidationAttribute
{
    /// <summary>Whether the option may be left open.</summary>
    public bool Optional { get; set; }

    /// <inheritdoc/>
    public override bool IsValid(object? value) =>
        value is null ? Optional : value is string name && SamplerNames.Known.Contains(name);

    /// <inheritdoc/>
    public override string FormatErrorMessage(string name) =>
        $"it must be one of {string.Join(", ", SamplerNames.Known)}";
}
