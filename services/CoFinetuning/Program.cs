using Mlops.CoFinetuning;
using Mlops.Platform.Hosting;

return await ServiceHost.RunAsync(CoFinetuningService.Module);
