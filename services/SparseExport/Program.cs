using Mlops.Platform.Hosting;
using Mlops.SparseExport;

return await ServiceHost.RunAsync(SparseExportService.Module);
