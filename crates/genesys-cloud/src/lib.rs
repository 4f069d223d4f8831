//! genesys-cloud
