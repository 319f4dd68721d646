/** To be imported before the framework, which prints every refusal and every decorator. */
process.env['CORE_CHAINCODE_LOGGING_LEVEL'] = 'CRITICAL';
