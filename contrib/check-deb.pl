#!/usr/bin/perl
# contrib/check-deb.pl TREE: for contrib/check-deb, in a network of its own. In
# the tree assay, Postfix and Knot are installed and nothing runs.
use strict;
use warnings;
use Test::More;
use Assay::Dir qw(at_end slurp spawn spew stop wait_for);
use Assay::SMTP qw(crlf);

my $tree = shift or die "usage: check-deb.pl TREE\n";
$ENV{PATH} = '/usr/sbin:/usr/bin:/sbin:/bin';

# (exit status, output) of a command line in the tree.
sub within {
    my ($line) = @_;
    my $out = "$tree/tmp/out";
    my $pid = spawn(command => ['/usr/sbin/chroot', $tree, '/bin/sh', '-c', $line], log => $out);
    my $status = stop($pid, 0, 150);
    my $said = slurp($out);
    unlink $out;
    return ($status, $said);
}

sub does {
    my ($line, $name) = @_;
    my ($status, $said) = within($line);
    is $status, 0, $name // $line or diag $said;
    return $said;
}

system 'ip', 'link', 'set', 'lo', 'up';
system qw(ip address add), "192.0.2.$_/32", qw(dev lo) for 7, 66;

# --- the world: a name server ----------------------------------------------------
spew("$tree/etc/resolv.conf", "nameserver 127.0.0.1\n");
my $zone = "\@ 60 SOA ns hostmaster 1 60 60 60 60\n\@ 60 NS ns\nns 60 A 127.0.0.1\n"
    . "\@ 60 TXT \"v=spf1 ip4:192.0.2.7 -all\"\n_dmarc 60 TXT \"v=DMARC1; p=quarantine\"\n";
sub zone { return spew("$tree/etc/knot/example.com.zone", $_[0]) }
zone($zone);
# Knows the top level too, as a resolver would.
spew("$tree/etc/knot/$_.zone", "\@ 60 SOA ns hostmaster 1 60 60 60 60\n\@ 60 NS ns\nns 60 A 127.0.0.1\n")
    for qw(com arpa);
spew("$tree/etc/knot/knot.conf", "server:\n    listen: 127.0.0.1\@53\n    rundir: /run/knot\ndatabase:\n"
    . "    storage: /tmp\ntemplate:\n  - id: default\n    storage: /etc/knot\n    file: \"%s.zone\"\n"
    . "    zonefile-load: whole\n    journal-content: none\nzone:\n"
    . join('', map { "  - domain: $_\n" } qw(com arpa example.com)));
does('install -d /run/knot; chown root:root /run/knot; chmod 755 /etc/knot; chmod 644 /etc/knot/*; knotd -d', 'a name server');

# --- README.Debian ----------------------------------------------------------------
my $readme = slurp("$tree/usr/share/doc/assay/README.Debian");
$readme = `gunzip -c $tree/usr/share/doc/assay/README.Debian.gz` unless $readme;
my @steps = map { s/^ +//r } $readme =~ /^ {4}((?:assayd|assay keys|postconf|postfix)(?: (?!.*&&).*)?)$/mg;
my ($start, $init, @postfix) = @steps;
my $check = pop @postfix;
is $start, 'assayd', 'the manual starts it by hand';
does('postfix start', "Postfix runs, as Debian's package has it");
# systemd starts it as the unit says; there is none here.
my $unit = slurp("$tree/lib/systemd/system/assayd.service");
my ($exec) = $unit =~ /^ExecStart=(.*)$/m;
my ($user) = $unit =~ /^User=(.*)$/m;
like does("setpriv --reuid $user --regid $user --init-groups assayd -n"), qr/configuration is good/, 'ExecStartPre';
my $by_unit = spawn(command => ['/usr/sbin/chroot', $tree, '/bin/sh', '-c',
    "exec setpriv --reuid $user --regid $user --init-groups --no-new-privs $exec"], log => "$tree/tmp/unit.log");
ok wait_for(sub { Assay::Dir::listening(8895) }, 20), 'ExecStart, as its user, without root' or diag slurp("$tree/tmp/unit.log");
is stop($by_unit, 'TERM', 20), 0, 'it ends when told to';
does("$start </dev/null >/dev/null 2>&1", 'by hand, as root');
my $printed = does($init);
my @records = $printed =~ /^\s*(\S+\._domainkey\.example\.com\. .*TXT .*)$/mg;
is scalar @records, 2, 'it prints two records to publish' or diag $printed;
zone($zone =~ s/ 1 60/ 2 60/r . join '', map { "$_\n" } @records);
does('knotc -c /etc/knot/knot.conf zone-reload example.com', 'they are published');
does($_) for @postfix;
ok wait_for(sub { !(within($check))[0] }, 100), $check or diag +(within($check))[1];

# --- mail ---------------------------------------------------------------------------
sub mailbox {
    my ($pattern) = @_;
    my $found = wait_for(sub {
        my ($m) = grep { /$pattern/ } split /^(?=From )/m, slurp("$tree/var/mail/root");
        return $m;
    }, 20);
    return $found // '';
}

my $text = "From: Alice <alice\@example.com>\nTo: root\@localhost\nSubject: %s\n"
    . "Date: Sat, 21 Nov 2026 10:00:00 +0000\nMessage-ID: <%s\@example.com>\n\nHello\n";
my $signed = '';
ok wait_for(sub {
    my $name = 'out' . time;
    spew("$tree/tmp/message", sprintf $text, $name, $name);
    within('sendmail -f alice@example.com root@localhost < /tmp/message');
    $signed = mailbox(qr/^Subject: $name$/m);
    return (() = $signed =~ /^DKIM-Signature:/mg) == 2;
}, 100), 'a message submitted here is signed, with both keys' or diag $signed;
like $signed, qr/^DKIM-Signature:.*\n?[^\n]*d=example\.com/m, 'by its domain';

# What was signed, as the world brings it.
my ($wire) = $signed =~ /^(DKIM-Signature:.*)\z/ms;
$wire =~ s/^Received:.*?\n(?=\S)//msg;
sub bring {
    my ($from, $data) = @_;
    my $c = Assay::SMTP->new(25, local => $from, helo => 'mail.example.com');
    return $c->deliver(from => 'alice@example.com', to => 'root@localhost', data => crlf($data));
}
like bring('192.0.2.7', "X-Way: back\n$wire"), qr/^250/, 'it comes back from outside';
my $back = mailbox(qr/^X-Way: back$/m);
my $results = $back =~ /^(Authentication-Results:.*?)^(?=\S)/ms ? $1 =~ s/\s+/ /gr : '';
like $results, qr/dkim=pass.*dkim=pass/, 'both signatures verify' or diag $back;
like $results, qr/spf=pass/, 'so does SPF';
like $results, qr/dmarc=pass/, 'and DMARC';
like bring('192.0.2.66', sprintf $text, 'forged', 'forged'), qr/^250/, 'a forgery is taken';
my $forged = mailbox(qr/^Subject: forged$/m);
like $forged, qr/dmarc=fail/, 'DMARC fails';
like $forged, qr/^X-Assay-Quarantine: dmarc fail/m, 'and it is marked';
does('assay keys list example.com');
does('assayd -n && kill -HUP $(pgrep -o -x assayd || cat /proc/[0-9]*/stat | awk \'$2=="(assayd)"{print $1; exit}\')', 'reload');
like does('assay config diff'), qr/\A/, 'assay config diff';
for my $line (map { [split ' '] } split /\n/, `ps -e -o pid= -o comm=`) {
    my ($pid, $name) = @$line;
    next unless $name =~ /^(?:assayd|knotd)$/ && (readlink("/proc/$pid/root") // '') eq $tree;
    kill 'TERM', $pid;
}
within('postfix stop');
done_testing;
