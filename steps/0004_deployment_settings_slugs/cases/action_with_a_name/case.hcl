documents = { deployment_process = "process.ocl" }
