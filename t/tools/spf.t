#!/usr/bin/perl
# assay spf: the tree, one evaluation, the flattened record.
use strict;
use warnings;
use Test::More;
use JSON::PP;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Assay::Golden qw(assay golden data slurp spew scratch);

my @zone = qw(--zone senders.zone);

golden('spf-tree', 0, qw(spf tree), @zone, 'shop.example');
golden('spf-tree-json', 0, qw(spf tree --json), @zone, 'shop.example');
golden('spf-flatten', 0, qw(spf flatten), @zone, 'shop.example');
golden('spf-flatten-json', 0, qw(spf flatten --json), @zone, 'shop.example');
golden('spf-explain', 0, qw(spf explain), @zone, qw(shop.example 203.0.113.9));
golden('spf-explain-json', 1, qw(spf explain --json), @zone, qw(shop.example 192.0.2.200));

# --- the way ends where the check ended --------------------------------------------

my %last = (
    '198.51.100.70' => 'pass', '203.0.113.77' => 'pass', '2001:db8::77' => 'pass',
    '192.0.2.10'    => 'pass', '192.0.2.11'   => 'softfail', '2001:db8:5000::1' => 'softfail',
);
for my $ip (sort keys %last) {
    my ($status, $out) = assay(qw(spf explain --json), @zone, 'shop.example', $ip);
    my $r = decode_json($out);
    is $r->{result}, $last{$ip}, "$ip: the result";
    is $r->{steps}[-1]{gives}, $last{$ip}, '... and the last step gives it';
    is $status, $r->{result} eq 'pass' ? 0 : 1, '... and the exit status tells it';
}

# --- faults --------------------------------------------------------------------------

my @faults = (
    [loop    => qr/^problem +loop\.example: /m,        qr/permerror/],
    [missing => qr/^problem +nowhere\.example: /m,     qr/permerror/],
    [syntax  => qr/^problem +syntax\.example: .*\(ipv4:192\.0\.2\.1\)$/m, qr/permerror/],
    [two     => qr/^problem +two\.example: /m,         qr/permerror/],
    [none    => qr/^problem +none\.example: /m,        qr/none/],
    [many    => qr/^problem +11 lookups at worst/m,    qr/permerror/],
);
for (@faults) {
    my ($name, $tree, $explain) = @$_;
    my ($status, $out) = assay(qw(spf tree), @zone, "$name.example");
    is $status, 1, "$name: tree says no";
    like $out, $tree, '... and why';
    ($status, $out) = assay(qw(spf explain), @zone, "$name.example", '192.0.2.200');
    like $out, qr/^result +(?:$explain)$/m, '... explain has the same';
    ($status, $out) = assay(qw(spf flatten), @zone, "$name.example");
    if ($name eq 'many') {
        is $status, 0, '... flatten mends it';
        like $out, qr/^; the original passes a limit/m, '... and says so';
    } else {
        is $status, 1, '... flatten refuses';
        like $out, qr/^refused +\S.*\nwhy +\S/, '... and why';
    }
}
for my $sub (qw(tree flatten), 'explain') {
    for my $form ([], ['--json']) {
        my ($s, $out, $err) = assay('spf', $sub, @$form, @zone, 'hostile.example',
            $sub eq 'explain' ? '192.0.2.1' : ());
        unlike $out . $err, qr/[^\n\x20-\x7e]/, "$sub: no octet of a record steers a terminal";
    }
}
is +(assay('spf', 'tree', @zone, "\e[31m"))[0], 2, 'no domain: wrong usage';
is +(assay(qw(spf explain), @zone, 'shop.example', 'here'))[0], 2, 'no address: wrong usage';
is +(assay('spf'))[0], 2, 'no subcommand: wrong usage';

# --- what it writes can be published ---------------------------------------------------

my $dir = scratch();
my (undef, $records) = assay(qw(spf flatten --octets 110), @zone, 'shop.example');
my $zone = join "\n", grep { !/^shop\.example +TXT/ } split /\n/, slurp(data('senders.zone'));
spew("$dir/zone", "$zone\n$records");
for my $ip (sort keys %last) {
    my ($status, $out) = assay(qw(spf explain --json --zone), "$dir/zone", 'shop.example', $ip);
    is decode_json($out)->{result}, $last{$ip}, "$ip: the flattened record gives the same";
}
cmp_ok scalar(() = $records =~ /^_spf\d\.shop\.example\. 300 IN TXT/mg), '>', 1, 'it was split';

# --- drift -------------------------------------------------------------------------------

my $source = 'v=spf1 a:h.example include:i.example -all';
sub flat_zone {
    my ($ip) = @_;
    return spew("$dir/drift", "d.example TXT \"v=spf1 ip4:192.0.2.1 -all\"\nh.example A $ip\ni.example TXT \"v=spf1 ip4:198.51.100.0/24 -all\"\n");
}
my @watch = (qw(spf flatten --watch --source), $source, '--state', "$dir/state", 'd.example');
my ($ds, $dout) = assay(@watch, '--zone', flat_zone('192.0.2.5'));
is $ds, 0, 'the first run has nothing to compare with';
like $dout, qr/^d\.example\. 300 IN TXT "v=spf1 ip4:192\.0\.2\.5 ip4:198\.51\.100\.0\/24 -all"$/m, '... it flattens the source, TTL and all';
($ds) = assay(@watch, '--zone', flat_zone('192.0.2.5'));
is $ds, 0, 'the second sees no drift';
($ds, $dout) = assay(@watch, '--zone', flat_zone('192.0.2.6'));
is $ds, 1, 'an address has changed: status 1';
like $dout, qr/^  - d\.example: ip4:192\.0\.2\.5\n  \+ d\.example: ip4:192\.0\.2\.6$/m, '... and which';
($ds) = assay(@watch, '--zone', spew("$dir/drift", "h.example A 192.0.2.6\ni.example TIMEOUT\n"));
is $ds, 3, 'no answer of DNS is no drift';
($ds, $dout) = assay(@watch, '--json', '--zone', flat_zone('192.0.2.6'));
is $ds, 0, '... and nothing is forgotten';
is_deeply decode_json($dout)->{changes}, [], '... in JSON';
spew("$dir/state", slurp("$dir/state") . "d.example\t\e[31m\\\x9b\nno tab \x07\n");
($ds, $dout) = assay(@watch, '--zone', flat_zone('192.0.2.6'));
is $ds, 1, 'a state file with other lines in it';
unlike $dout, qr/[^\n\x20-\x7e]/, '... and they steer no terminal';
is +(assay(qw(spf flatten --source), 'v=spf2', 'd.example', '--zone', "$dir/drift"))[0], 3, 'a source that is none';

# --- no answer of DNS is no "no" ------------------------------------------------------------

spew("$dir/silent", "d.example TXT \"v=spf1 include:i.example -all\"\ni.example TIMEOUT\n");
for ([qw(explain d.example 192.0.2.1)], [qw(tree d.example)], [qw(flatten d.example)]) {
    my ($s, $out) = assay('spf', @$_, '--zone', "$dir/silent");
    is $s, 3, "spf $_->[0]: DNS gives no answer, status 3";
    like $out, qr/timeout|no answer|DNS/, '... and it says so';
}

# --- too much for ten lookups ---------------------------------------------------------------

my $many = join '', map { my $n = $_; map { "h$_.example A 10.$n." . 2 * $_ . ".1\n" } 0 .. 99 } 0 .. 3;
$many .= 'w.example TXT "v=spf1 ' . join(' ', map { "include:p$_.example" } 0 .. 9) . " -all\"\n";
$many .= "p$_.example TXT \"v=spf1 " . join(' ', map { "a:h$_.example" } 10 * $_ .. 10 * $_ + 9) . " -all\"\n" for 0 .. 9;
my ($ms, $mout) = assay(qw(spf flatten --zone), spew("$dir/many", $many), 'w.example');
is $ms, 1, 'more than ten records: refused';
like $mout, qr/^refused +more than 10 lookups even when flattened\nlookups +\d+$/m, '... with the reason';

# --- equality, at length -----------------------------------------------------------------

my $build = $ENV{top_builddir} // '.';
my $unit = `FLAT_TREES=500 $build/t/unit/spf_flat 2>&1`;
like $unit, qr/^# 500 trees of \d+, \d{4,} addresses\nok/m, 'equal on 500 random trees';
done_testing;
