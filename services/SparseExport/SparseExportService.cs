using Microsoft.Extensions.DependencyInjection;
using Mlops.Contracts;
using Mlops.Diffusion.Devices;
using Mlops.Platform.Bus;
using Mlops.Platform.Jobs;

namespace Mlops.SparseExport;

/// <summary>What a host composes.</summary>
public static class SparseExportService
{
    /// <summary>The service for any host.</summary>
    public static ServiceModule Module { get; } = new(
        "sparse-export",
        services => services.AddSparseExport(),
        bus => bus.AddJobConsumer<SparseExporter>(JobKind.ExportSparse))
    {
        ResolveDevice = ComputeDevice.Resolve,
    };

    /// <summary>Registers the worker class.</summary>
    public static IServiceCollection AddSparseExport(this IServiceCollection services) =>
        services.AddSingleton<SparseExporter>().AddJobOptions<SparseExportOptions>(JobKind.ExportSparse);
}
