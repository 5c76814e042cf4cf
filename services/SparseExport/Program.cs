using Mlops.SparseExport;
using Mlops.Platform.Hosting;

return await ServiceHost.RunAsync(SparseExportService.Module);
