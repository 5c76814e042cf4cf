using System.ComponentModel.DataAnnotations;
using Mlops.Diffusion.Devices;
using Mlops.Diffusion.Sampling;

namespace Mlops.Evaluation.Generating;

/// <summary>Whose start noises samples have.</summary>
public enum NoiseSource
{
    /// <summary>Noises that nothing else sees.</summary>
    Own,

    /// <summary>Those of an evaluation with the same seed.</summary>
    Evaluation,
}

/// <summary>How many samples stand in for images, and how they are drawn.</summary>
public sealed record ImageGeneratorOptions
{
    /// <summary>Samples in all; a fifth of them is held out.</summary>
    [Range(5, 1_000_000)]
    public int Images { get; init; } = 512;

    /// <summary>Type in which the model computes.</summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>Samples per forward pass.</summary>
    [Range(1, 4096)]
    public int Batch { get; init; } = 32;

    /// <summary><c>ddim</c>, <c>euler</c>, …; <c>auto</c> takes the deterministic one that fits the model.</summary>
    [KnownSampler]
    public string Sampler { get; init; } = "auto";

    /// <summary>Sampler steps of one sample.</summary>
    [Range(1, 1000)]
    public int Steps { get; init; } = 20;

    /// <summary>Scale of classifier-free guidance; 1 is none.</summary>
    [Range(0.0, 1000.0)]
    public double Guidance { get; init; } = 1;

    /// <summary>DDIM: take ε from the clipped x_0, so that many steps lead to the true trajectory.</summary>
    public bool UseClippedModelOutput { get; init; }

    /// <summary><c>own</c> noises, or those of an <c>evaluation</c> with the same seed: these samples are its pairs.
    /// </summary>
    public NoiseSource Noise { get; init; }
}
